import {
  CANDIDATE_SCOPES,
  type CandidateScope,
} from "../transport/ice/candidates.ts";
import { familyOf, scopeOf } from "../transport/ice/ip_address.ts";
import type { IceServer, NetworkOptions } from "../transport/network.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** The options of both programs that say how they are reached. */
export const NETWORK_OPTIONS = {
  "ice-server": {
    type: "list",
    help: "STUN or TURN server: stun:HOST, turn:USER:PASSWORD@HOST",
  },
  "ice-transport": {
    type: "choice",
    choices: ["all", "relay"],
    default: "all",
    help: "Ways to the other side; relay is through the TURN server alone",
  },
  "udp-ports": {
    type: "text",
    help: "UDP ports to use, FIRST-LAST (any free ones)",
  },
} as const;

/** The options that the server alone has. */
export const SERVER_NETWORK_OPTIONS = {
  "public-address": {
    type: "text",
    help: "Address that others reach this machine by, behind a 1:1 NAT",
  },
  "allow-candidates": {
    type: "list",
    help: "Addresses that offers may name besides public ones: " +
      "private, link-local, loopback, all or none",
  },
} as const;

type Given = OptionValues<typeof NETWORK_OPTIONS>;
type GivenToServer =
  & Given
  & Partial<OptionValues<typeof SERVER_NETWORK_OPTIONS>>;

/**
 * Reads what the network's options say.
 *
 * @throws {UsageError} that names the option and what it takes.
 */
export function readNetworkOptions(given: GivenToServer): NetworkOptions {
  const iceServers = readIceServers(given["ice-server"]);
  const iceTransport = given["ice-transport"];
  if (iceTransport === "relay" && !iceServers.some(isTurn)) {
    throw new UsageError("--ice-transport relay needs a TURN --ice-server");
  }
  return {
    iceServers,
    iceTransport,
    udpPorts: readPorts(given["udp-ports"]),
    publicAddress: readAddress(given["public-address"]),
    allowCandidates: readScopes(given["allow-candidates"]),
  };
}

/** One of each kind: werift 0.25.2 asks no more. */
function readIceServers(urls: string[]): IceServer[] {
  const servers = urls.map(parseIceServer);
  const turn = servers.filter(isTurn).length;
  if (turn > 1 || servers.length - turn > 1) {
    throw new UsageError("--ice-server takes one STUN and one TURN server");
  }
  return servers;
}

function isTurn({ urls }: IceServer): boolean {
  return urls.startsWith("turn:");
}

const HOST_PORT = /^(\[[\da-f:.]+\]|[^\s:@/?#[\]]+)(?::(\d+))?$/i;

/**
 * Reads a URL of RFC 7064 or RFC 7065, with user and password before the host:
 * `turn:USER:PASSWORD@HOST:PORT?transport=tcp`; both may have percent escapes.
 *
 * @throws {UsageError} that doesn't repeat the password.
 */
export function parseIceServer(url: string): IceServer {
  const [, scheme, rest = ""] = /^(stun|turn):(.*)$/.exec(url) ?? [];
  if (scheme === undefined) {
    throw new UsageError(
      `--ice-server begins with stun: or turn:, not "${/^[^:]*:?/.exec(url)}"`,
    );
  }
  const at = rest.lastIndexOf("@");
  const [host, query, ...more] = rest.slice(at + 1).split("?");
  const [, name, port] = HOST_PORT.exec(host) ?? [];
  if (name === undefined || Number(port ?? 1) > 65_535 || port === "0") {
    throw new UsageError(
      `--ice-server ${scheme}: names HOST or HOST:PORT, not "${host}"`,
    );
  }
  if (scheme === "stun") {
    if (at < 0 && query === undefined) return { urls: url };
    throw new UsageError("--ice-server stun: takes no user and no ?transport");
  }
  const isTransport = query === undefined ||
    /^transport=(udp|tcp)$/.test(query);
  if (!isTransport || more.length > 0) {
    throw new UsageError(
      `--ice-server turn: takes ?transport=udp or tcp, not "?${query}"`,
    );
  }
  const [username, credential] = readUser(rest.slice(0, Math.max(0, at)));
  return { urls: `turn:${rest.slice(at + 1)}`, username, credential };
}

function readUser(text: string): [user: string, password: string] {
  const colon = text.indexOf(":");
  const parts = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
  if (colon < 0 || parts.includes("")) {
    throw new UsageError(
      "--ice-server turn: has user and password: turn:USER:PASSWORD@HOST",
    );
  }
  try {
    const [user, password] = parts.map(decodeURIComponent);
    return [user, password];
  } catch {
    throw new UsageError(
      "--ice-server turn: has a % in user or password that begins no escape",
    );
  }
}

function readPorts(text: string | undefined): [number, number] | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const ports: [number, number] = [Number(first), Number(last)];
  if (ports[0] >= 1 && ports[0] < ports[1] && ports[1] <= 65_535) return ports;
  throw new UsageError(
    `--udp-ports is FIRST-LAST, such as 50000-50999, not "${text}"`,
  );
}

function readAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (familyOf(text) !== undefined && scopeOf(text) !== "none") return text;
  throw new UsageError(`--public-address is an IP address, not "${text}"`);
}

function readScopes(given: string[] = []): CandidateScope[] | undefined {
  if (given.length === 0) return undefined;
  if (given.length === 1 && given[0] === "all") return [...CANDIDATE_SCOPES];
  if (given.length === 1 && given[0] === "none") return [];
  return given.map((name) => {
    const scope = CANDIDATE_SCOPES.find((each) => each === name);
    if (scope !== undefined) return scope;
    throw new UsageError(
      `--allow-candidates is ${CANDIDATE_SCOPES.join(", ")}, or all or none ` +
        `alone, not "${name}"`,
    );
  });
}

import { familyOf, isLoopback, scopeOf } from "../transport/ice/ip_address.ts";
import { coversAll } from "./access.ts";
import type { Route } from "./route.ts";

/** Where a server listens. */
export interface Listening {
  /** An IP address; `0.0.0.0` and `::` are all of the machine's. */
  hostname: string;
  port: number;
  protocol: "http" | "https";
}

/**
 * `GET /addresses`: JSON, the URLs that other machines may reach the server at;
 * none where it listens on loopback alone, and none for a caller that may watch
 * some sessions only.
 *
 * @param listening gives where the server listens; asked at each request.
 */
export function addressesRoute(listening: () => Listening): Route {
  return {
    pathname: "/addresses",
    rights: { GET: "watch" },
    methods: {
      GET: ({ access }) =>
        Response.json(
          coversAll(access, "watch") ? reachableUrls(listening()) : [],
        ),
    },
  };
}

/**
 * Names the URLs of a server for other machines, IPv4 first.
 *
 * @param addresses gives all of the machine's; asked where they matter.
 */
export function reachableUrls(
  { hostname, port, protocol }: Listening,
  addresses: () => string[] = machineAddresses,
): string[] {
  const hosts = listensOnAll(hostname)
    ? addresses().filter((address) => isReachable(address, hostname))
    : isLoopback(hostname)
    ? []
    : [hostname];
  return hosts
    .toSorted((a, b) => (familyOf(a) ?? 0) - (familyOf(b) ?? 0))
    .map((host) => familyOf(host) === 6 ? `[${host}]` : host)
    .map((host) => `${protocol}://${host}:${port}`);
}

function listensOnAll(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/** A link-local address takes a zone, which a URL has no place for. */
function isReachable(address: string, hostname: string): boolean {
  if (hostname === "0.0.0.0" && familyOf(address) !== 4) return false;
  const scope = scopeOf(address);
  return scope === "public" || scope === "private";
}

/** The addresses of this machine; none where they may not be listed. */
export function machineAddresses(): string[] {
  try {
    return Deno.networkInterfaces().map(({ address }) => address);
  } catch (error) {
    // The page names the address that it was opened by.
    if (error instanceof Deno.errors.NotCapable) return [];
    throw error;
  }
}

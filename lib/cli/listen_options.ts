import { freeDescriptors, MORE_DESCRIPTORS } from "../descriptors.ts";
import type { Logger } from "../log.ts";
import { hostnameOf } from "../serving/host_names.ts";
import { machineAddresses } from "../serving/addresses.ts";
import { scopeOf } from "../transport/ice/ip_address.ts";
import {
  hasSmallReceiveBuffers,
  LARGER_BUFFERS,
} from "../transport/ice/receive_buffer.ts";
import { LIBC } from "../transport/native/libc.ts";
import { LIBCRYPTO } from "../transport/native/libcrypto.ts";
import { type OptionValues, UsageError } from "./options.ts";

const MAX_PORT = 65_535;

/** The server's options about where it listens. */
export const LISTEN_OPTIONS = {
  host: { type: "text", default: "0.0.0.0", help: "Address to listen on" },
  port: {
    type: "integer",
    min: 0,
    max: MAX_PORT,
    default: 8080,
    help: "TCP port to listen on; 0 takes a free one",
  },
  "host-name": {
    type: "list",
    help: "Name that browsers ask the server by, such as a proxy's; * is any",
  },
} as const;

/** @throws {UsageError} for a name that no URL has as its host. */
export function checkListenOptions(
  { "host-name": names }: Pick<
    OptionValues<typeof LISTEN_OPTIONS>,
    "host-name"
  >,
): void {
  for (const name of names) {
    if (name === "*" || isName(name)) continue;
    throw new UsageError(
      `--host-name is a name such as points.example.com, or *, not "${name}"`,
    );
  }
}

/** Addresses are always known, and ports are never looked at. */
function isName(name: string): boolean {
  return /^[^\s*:/?#@[\]\\]+$/.test(name) && hostnameOf(name) !== undefined;
}

/** File descriptors beside those of sessions: some connections. */
const SPARE_DESCRIPTORS = 64;
/** Most that are looked for. */
const MAX_LOOKED_FOR = 4096;

/**
 * Logs how many sessions there are file descriptors for, where they are fewer
 * than `maxSessions`. A session has a socket for each address of the machine,
 * another for loopback where its peer is here, and the connection that its
 * offer came by. Call before any Worker starts.
 */
export function adviseOnDescriptors(log: Logger, maxSessions: number): void {
  const addresses = machineAddresses().filter((address) => {
    const scope = scopeOf(address);
    return scope === "private" || scope === "public";
  });
  const each = addresses.length + 2;
  const wanted = Math.min(
    maxSessions * each + SPARE_DESCRIPTORS,
    MAX_LOOKED_FOR,
  );
  const free = freeDescriptors(wanted);
  if (free === wanted) return;
  log.warn("too few files may be open for --max-sessions", {
    sessions: Math.max(0, Math.floor((free - SPARE_DESCRIPTORS) / each)),
    maxSessions,
    better: MORE_DESCRIPTORS,
  });
}

/** Logs which libraries of the system are called, where any is. */
export function tellLibraries(log: Logger): void {
  const libraries = { libc: LIBC, libcrypto: LIBCRYPTO };
  const called = Object.entries(libraries)
    .flatMap(([name, library]) => library === undefined ? [] : [name]);
  if (called.length === 0) return;
  log.info("libraries of the system are called", { libraries: `${called}` });
}

/**
 * Logs what makes the kernel's UDP buffers large enough, where they are not.
 */
export async function adviseOnBuffers(log: Logger): Promise<void> {
  if (Deno.build.os !== "linux" || !await hasSmallReceiveBuffers()) return;
  log.info("the kernel's UDP buffers are small: fast streams lose packets", {
    better: LARGER_BUFFERS,
  });
}

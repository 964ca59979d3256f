import type { Logger } from "../log.ts";
import { hostnameOf } from "../serving/host_names.ts";
import {
  hasSmallReceiveBuffers,
  LARGER_BUFFERS,
} from "../transport/ice/receive_buffer.ts";
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

/**
 * Logs what makes the kernel's UDP buffers large enough, where they are not.
 */
export async function adviseOnBuffers(log: Logger): Promise<void> {
  if (Deno.build.os !== "linux" || !await hasSmallReceiveBuffers()) return;
  log.info("the kernel's UDP buffers are small: fast streams lose packets", {
    better: LARGER_BUFFERS,
  });
}

import type { Logger } from "../log.ts";
import {
  hasSmallReceiveBuffers,
  LARGER_BUFFERS,
} from "../transport/ice/receive_buffer.ts";

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
} as const;

/** Logs what makes the kernel's UDP buffers large enough, where they are not. */
export async function adviseOnBuffers(log: Logger): Promise<void> {
  if (Deno.build.os !== "linux" || !await hasSmallReceiveBuffers()) return;
  log.info("the kernel's UDP buffers are small: fast streams lose packets", {
    better: LARGER_BUFFERS,
  });
}

/** `deno task server`: receives points, audio and video. */
import { settlesWithin } from "./lib/async.ts";
import { abortOnTermination, EXIT, readCommandLine } from "./lib/cli/exit.ts";
import { LIMIT_OPTIONS, limitsOf } from "./lib/cli/limit_options.ts";
import { LOG_OPTIONS } from "./lib/cli/log_options.ts";
import { createLogger } from "./lib/log.ts";
import { ListenError, PointServer } from "./lib/point_server.ts";
import { Recorder } from "./lib/session/recorder.ts";
import {
  hasSmallReceiveBuffers,
  LARGER_BUFFERS,
} from "./lib/transport/receive_buffer.ts";

const options = readCommandLine("Usage: deno task server [OPTIONS]", {
  host: { type: "text", default: "0.0.0.0", help: "Address to listen on" },
  port: {
    type: "integer",
    min: 0,
    max: 65535,
    default: 8080,
    help: "TCP port to listen on; 0 takes a free one",
  },
  mtu: {
    type: "integer",
    min: 576,
    max: 65_535,
    help: "Largest IP packet to send, bytes (1280)",
  },
  record: {
    type: "text",
    help: "Folder to store received audio and video in, a file a track",
  },
  ...LIMIT_OPTIONS,
  ...LOG_OPTIONS,
});

const log = createLogger({
  level: options["log-level"],
  format: options["log-format"],
});
const stop = abortOnTermination();
// The last line of defence: what one peer breaks must not end the others.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  log.error("unhandled rejection", { error: event.reason });
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  log.error("uncaught error", { error: event.error });
});

try {
  const recorder = options.record && new Recorder(options.record, log);
  const limits = limitsOf(options);
  const server = PointServer.listen({
    hostname: options.host,
    port: options.port,
    log,
    session: { mtu: options.mtu, ...limits.session },
    limits: limits.request,
    trustProxy: options["trust-proxy"],
    ...(recorder ? recorder.hooks : {}),
  });
  log.info("listening", { url: server.url, port: server.port });
  if (Deno.build.os === "linux" && await hasSmallReceiveBuffers()) {
    log.info("the kernel's UDP buffers are small: fast streams lose packets", {
      better: LARGER_BUFFERS,
    });
  }
  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  log.info("stopping", { why: stop.reason });
  await settlesWithin(1500, server.close("the server stopped"));
  if (recorder) await settlesWithin(300, recorder.close());
  Deno.exit(EXIT.ok);
} catch (error) {
  if (error instanceof ListenError) console.error(error.message);
  else log.error("the server failed", { error });
  Deno.exit(EXIT.failed);
}

/** `deno task server`: receives points, audio and video. */
import { settlesWithin, whenAborted } from "./lib/async.ts";
import { CredentialsError } from "./lib/auth/errors.ts";
import {
  ACCESS_OPTIONS,
  checkAccessOptions,
  openAuthorize,
} from "./lib/cli/access_options.ts";
import {
  abortOnTerminations,
  EXIT,
  readCommandLine,
  readOrExit,
  type Termination,
} from "./lib/cli/exit.ts";
import { LIMIT_OPTIONS, limitsOf } from "./lib/cli/limit_options.ts";
import { LOG_OPTIONS } from "./lib/cli/log_options.ts";
import {
  NETWORK_OPTIONS,
  readNetworkOptions,
  SERVER_NETWORK_OPTIONS,
} from "./lib/cli/network_options.ts";
import {
  checkTlsOptions,
  openTls,
  TLS_OPTIONS,
} from "./lib/cli/tls_options.ts";
import { LocalHost } from "./lib/hosting/local_host.ts";
import type { SessionHost } from "./lib/hosting/session_host.ts";
import { WorkerHost } from "./lib/hosting/worker_host.ts";
import { createLogger } from "./lib/log.ts";
import { logUncaught } from "./lib/log_uncaught.ts";
import { ListenError, PointServer } from "./lib/serving/point_server.ts";
import {
  hasSmallReceiveBuffers,
  LARGER_BUFFERS,
} from "./lib/transport/ice/receive_buffer.ts";

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
  workers: {
    type: "integer",
    min: 0,
    max: 64,
    default: Math.min(navigator.hardwareConcurrency, 8),
    help: "Most Workers that sessions live in; 0 keeps them in the main thread",
  },
  record: {
    type: "text",
    help: "Folder to store received audio and video in, a file a track",
  },
  drain: {
    type: "number",
    min: 0,
    max: 86_400,
    default: 10,
    help: "Seconds that sessions may end in after SIGTERM",
  },
  ...TLS_OPTIONS,
  ...ACCESS_OPTIONS,
  ...NETWORK_OPTIONS,
  ...SERVER_NETWORK_OPTIONS,
  ...LIMIT_OPTIONS,
  ...LOG_OPTIONS,
}, (options) => {
  checkTlsOptions(options);
  checkAccessOptions(options);
});
const limits = limitsOf(options);
const network = readOrExit(() => readNetworkOptions(options));

const logging = {
  level: options["log-level"],
  format: options["log-format"],
};
const log = createLogger(logging);
// The first begins to drain, the second doesn't wait any longer.
const [stop, hurry] = abortOnTerminations(2);
logUncaught(log);

try {
  const tls = await openTls(options);
  const authorize = await openAuthorize(options, { log, signal: stop });
  const server = PointServer.listen({
    hostname: options.host,
    port: options.port,
    log,
    host: makeHost(),
    limits: limits.request,
    trustProxy: options["trust-proxy"],
    tls: tls?.identity,
    authorize,
    cors: options.cors,
  });
  tls?.follow(server, log, stop);
  log.info("listening", { url: server.url, port: server.port });
  if (Deno.build.os === "linux" && await hasSmallReceiveBuffers()) {
    log.info("the kernel's UDP buffers are small: fast streams lose packets", {
      better: LARGER_BUFFERS,
    });
  }
  await whenAborted(stop);
  const termination: Termination = stop.reason;
  log.info("stopping", { why: termination });
  // Whoever stops it with Ctrl-C waits for it.
  if (termination.by === "SIGTERM" && options.drain > 0) {
    await server.drain("the server stops", options.drain, hurry);
  } else void whenAborted(hurry).then(() => Deno.exit(EXIT.failed));
  await settlesWithin(1800, server.close("the server stopped"));
  Deno.exit(EXIT.ok);
} catch (error) {
  const isTold = error instanceof ListenError ||
    error instanceof CredentialsError;
  if (isTold) console.error(error.message);
  else log.error("the server failed", { error });
  Deno.exit(EXIT.failed);
}

/** Makes what the sessions live in. */
function makeHost(): SessionHost {
  const { workers, record } = options;
  const session = { mtu: options.mtu, network, ...limits.session };
  if (workers === 0 || !mayStartWorkers()) {
    return new LocalHost({ log, session, record });
  }
  const settings = { log: logging, session, record };
  return new WorkerHost({ workers, settings, log });
}

/** A Worker reads its own modules, which Deno asks a permission for. */
function mayStartWorkers(): boolean {
  const path = new URL("lib", import.meta.url);
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state === "granted") return true;
  log.warn("sessions live in the main thread: Workers need --allow-read=lib");
  return false;
}

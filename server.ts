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
import {
  checkClusterOptions,
  CLUSTER_OPTIONS,
  joinCluster,
} from "./lib/cli/cluster_options.ts";
import { BusError } from "./lib/cluster/bus.ts";
import { HOSTING_OPTIONS, openHost } from "./lib/cli/hosting_options.ts";
import { LIMIT_OPTIONS, limitsOf } from "./lib/cli/limit_options.ts";
import {
  adviseOnBuffers,
  adviseOnDescriptors,
  checkListenOptions,
  LISTEN_OPTIONS,
  tellLibraries,
} from "./lib/cli/listen_options.ts";
import { LOG_OPTIONS } from "./lib/cli/log_options.ts";
import {
  NETWORK_OPTIONS,
  readNetworkOptions,
  SERVER_NETWORK_OPTIONS,
} from "./lib/cli/network_options.ts";
import {
  checkRecordingOptions,
  RECORDING_OPTIONS,
} from "./lib/cli/recording_options.ts";
import { openRecordings } from "./lib/cli/open_recordings.ts";
import { printError } from "./lib/cli/print.ts";
import {
  checkTlsOptions,
  openTls,
  TLS_OPTIONS,
} from "./lib/cli/tls_options.ts";
import { recordHost } from "./lib/hosting/recorded_host.ts";
import { LogThrottle } from "./lib/limits/log_throttle.ts";
import { createLogger } from "./lib/log.ts";
import { logUncaught } from "./lib/log_uncaught.ts";
import { RecordingError } from "./lib/recording/errors.ts";
import { ListenError } from "./lib/serving/listen_error.ts";
import { PointServer } from "./lib/serving/point_server.ts";

/** Time that all has to end in, milliseconds: a Ctrl-C takes 2 s at most. */
const CLOSE_MS = 1800;

const options = readCommandLine("Usage: deno task server [OPTIONS]", {
  ...LISTEN_OPTIONS,
  ...HOSTING_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...RECORDING_OPTIONS,
  ...TLS_OPTIONS,
  ...ACCESS_OPTIONS,
  ...NETWORK_OPTIONS,
  ...SERVER_NETWORK_OPTIONS,
  ...LIMIT_OPTIONS,
  ...LOG_OPTIONS,
}, (options) => {
  checkListenOptions(options);
  checkTlsOptions(options);
  checkAccessOptions(options);
  checkRecordingOptions(options);
  checkClusterOptions(options);
});
const limits = limitsOf(options);
const network = readOrExit(() => readNetworkOptions(options));
const logging = { level: options["log-level"], format: options["log-format"] };
const log = createLogger(logging);
// The first begins to drain, the second doesn't wait any longer.
const [stop, hurry] = abortOnTerminations(2);
logUncaught(new LogThrottle(log));

try {
  const session = { network, ...limits.session };
  const tls = await openTls(options);
  adviseOnDescriptors(log, options["max-sessions"]);
  const host = openHost(options, { log: logging, session }, log);
  const recordings = openRecordings(options, { host, logging, log });
  const server = PointServer.listen({
    hostname: options.host,
    port: options.port,
    hostNames: options["host-name"],
    log,
    host: recordings === undefined ? host : recordHost(host, recordings),
    recordings,
    cluster: await joinCluster(options, log),
    limits: limits.request,
    trustProxy: options["trust-proxy"],
    tls: tls?.identity,
    authorize: await openAuthorize(options, { log, signal: stop }),
    cors: options.cors,
    iceServers: network.iceServers,
  });
  tls?.follow(server, log, stop);
  log.info("listening", { url: server.url, port: server.port });
  tellLibraries(log);
  await adviseOnBuffers(log);
  await Promise.race([whenAborted(stop), server.finished]).catch(
    async (error) => {
      // Told so, its clients look for another server.
      await settlesWithin(
        CLOSE_MS,
        server.close("the server can't listen any more"),
      );
      throw error;
    },
  );
  const termination: Termination = stop.reason;
  log.info("stopping", { why: termination });
  // A person at a terminal doesn't want to wait.
  if (termination.by === "SIGTERM" && options.drain > 0) {
    await server.drain("the server stops", options.drain, hurry);
  } else void whenAborted(hurry).then(() => Deno.exit(EXIT.failed));
  await settlesWithin(CLOSE_MS, server.close("the server stopped"));
  Deno.exit(EXIT.ok);
} catch (error) {
  const isTold = error instanceof ListenError ||
    error instanceof CredentialsError || error instanceof RecordingError ||
    error instanceof BusError;
  if (isTold) printError(error.message);
  else log.error("the server failed", { error });
  Deno.exit(EXIT.failed);
}

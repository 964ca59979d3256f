/** `deno task client`: publishes points, audio and video to a server. */
import {
  CREDENTIAL_OPTIONS,
  openCredentials,
} from "./lib/cli/client_credentials.ts";
import {
  abortOnTermination,
  EXIT,
  readCommandLine,
  readOrExit,
} from "./lib/cli/exit.ts";
import { LOG_OPTIONS } from "./lib/cli/log_options.ts";
import { MEDIA_OPTIONS, openMediaOf } from "./lib/cli/media_options.ts";
import { NAME_OPTION, readName } from "./lib/cli/name_option.ts";
import {
  NETWORK_OPTIONS,
  readNetworkOptions,
} from "./lib/cli/network_options.ts";
import { printError, printJson } from "./lib/cli/print.ts";
import { createProgressView, formatReport } from "./lib/cli/progress.ts";
import {
  checkDialect,
  PUBLISH_OPTIONS,
  publishOptionsOf,
} from "./lib/cli/publish_options.ts";
import {
  openStreams,
  readStreams,
  STREAM_OPTIONS,
} from "./lib/cli/stream_options.ts";
import { createLogger } from "./lib/log.ts";
import { publish } from "./lib/publishing/publish.ts";
import { RosBridges } from "./lib/sources/ros/bridges.ts";

const SPEC = {
  ...CREDENTIAL_OPTIONS,
  ...NAME_OPTION,
  ...STREAM_OPTIONS,
  ...PUBLISH_OPTIONS,
  ...MEDIA_OPTIONS,
  json: { type: "flag", help: "Print the report as one line of JSON" },
  ...NETWORK_OPTIONS,
  ...LOG_OPTIONS,
} as const;
const options = readCommandLine("Usage: deno task client [OPTIONS]", SPEC);
const called = readOrExit(() => readName(options));
const network = readOrExit(() => readNetworkOptions(options));

const level = options["log-level"];
const log = createLogger({ level, format: options["log-format"] });
const sources = readOrExit(() => readStreams(Deno.args, SPEC, log));
readOrExit(() => checkDialect(options, sources));
const signal = abortOnTermination();
const bridges = new RosBridges({ log, signal });
const view = createProgressView();

try {
  const { token, caCerts } = await openCredentials(options, log);
  const { streams, media: [media] } = await openStreams(sources, bridges);
  checkDialect(options, streams);
  const isLive = streams.some(({ source }) => source.pace === "source");
  const report = await publish({
    signaling: options.signaling,
    ...called,
    token,
    caCerts,
    streams,
    media: media ?? await openMediaOf(Deno.args, SPEC, {
      ...{ signal, log, bridges },
    }),
    ...publishOptionsOf(options, isLive),
    network,
    signal,
    log,
    onProgress: (progress) => view.update(progress),
  });
  view.end();
  const { failure } = report;
  if (options.json) printJson(report);
  else printError(formatReport(report));
  if (failure !== undefined) printError(failure);
  Deno.exit(failure === undefined ? EXIT.ok : EXIT.failed);
} catch (error) {
  view.end();
  if (signal.aborted) Deno.exit(EXIT.ok);
  printError(error instanceof Error ? error.message : String(error));
  log.debug("the client failed", { error });
  Deno.exit(EXIT.failed);
}

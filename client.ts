/** `deno task client`: publishes points, audio and video to a server. */
import { readAuthorities, readToken } from "./lib/cli/client_credentials.ts";
import {
  abortOnTermination,
  EXIT,
  readArguments,
  readOrExit,
} from "./lib/cli/exit.ts";
import { CLIENT_OPTIONS, CLIENT_SECTIONS } from "./lib/cli/client_options.ts";
import { withConfig } from "./lib/cli/config_file.ts";
import {
  isMediaGiven,
  mediaOfCameras,
  openMediaOf,
  readMedia,
} from "./lib/cli/media_options.ts";
import { readName } from "./lib/cli/name_option.ts";
import { readNetworkOptions } from "./lib/cli/network_options.ts";
import { listSourceOf } from "./lib/cli/list_source.ts";
import { openCapture } from "./lib/cli/open_recordings.ts";
import { printError, printJson, printLines } from "./lib/cli/print.ts";
import { formatPlayback } from "./lib/cli/format_playback.ts";
import { STDERR } from "./lib/cli/live_line.ts";
import { KEYS_HELP, steerByKeys } from "./lib/cli/playback_keys.ts";
import { createProgressView, formatReport } from "./lib/cli/progress.ts";
import { RawTerminal } from "./lib/cli/raw_terminal.ts";
import { checkDialect, publishOptionsOf } from "./lib/cli/publish_options.ts";
import { checkRecordingOptions } from "./lib/cli/recording_options.ts";
import { openStreams, readStreams } from "./lib/cli/stream_options.ts";
import type { CaptureRecording } from "./lib/hosting/capture_recording.ts";
import { createLogger } from "./lib/log.ts";
import type { MediaSource } from "./lib/media/media_source.ts";
import { publish, type PublishedStream } from "./lib/publishing/publish.ts";
import { nameFrom } from "./lib/session_name.ts";
import { BagPlayers } from "./lib/sources/bags/bag_players.ts";
import { Playback } from "./lib/sources/bags/playback.ts";
import { RosBridges } from "./lib/sources/ros/bridges.ts";
import type { SharedInputs } from "./lib/sources/shared_inputs.ts";

const args = readOrExit(() =>
  withConfig(Deno.args, { spec: CLIENT_OPTIONS, sections: CLIENT_SECTIONS })
);
const options = readArguments({
  usage: "Usage: deno task client [OPTIONS]",
  spec: CLIENT_OPTIONS,
  args,
});
const called = readOrExit(() => readName(options));
const network = readOrExit(() => readNetworkOptions(options));

const level = options["log-level"];
const format = options["log-format"];
const view = createProgressView(STDERR, () => {
  const { state } = playback;
  return state && formatPlayback(state);
});
const log = createLogger({ level, format, write: (line) => view.log(line) });
const sources = readOrExit(() => readStreams(args, CLIENT_OPTIONS, log));
readOrExit(() => checkDialect(options, sources));
readOrExit(() => checkRecordingOptions(options));
const asked = readOrExit(() => readMedia(args, CLIENT_OPTIONS));
const quit = new AbortController();
const signal = AbortSignal.any([abortOnTermination(), quit.signal]);
const bags = new BagPlayers({ log, signal });
const playback = new Playback(() => bags.players);

try {
  const caCerts = await readAuthorities(options);
  const shared: SharedInputs = {
    bridges: new RosBridges({ log, signal, caCerts }),
    bags,
  };
  if (options.list) {
    for (const { from } of sources) {
      printLines(await listSourceOf(from, shared.bridges));
    }
    Deno.exit(EXIT.ok);
  }
  const token = readToken(options, log);
  const { streams, cameras } = await openStreams(sources, shared);
  checkDialect(options, streams);
  // What is real brings its own sound and pictures, or none.
  const media = cameras === undefined || isMediaGiven(args)
    ? asked
    : mediaOfCameras(cameras, asked[0]);
  const beside = await openMediaOf(media, { signal, log, ...shared });
  await using capture = openCapture(options, {
    logging: { level, format },
    log,
  });
  using _terminal = steer();
  const isLive = streams.some(({ source }) => source.pace === "source");
  const report = await publish({
    signaling: options.signaling,
    ...called,
    token,
    caCerts,
    ...await captured(capture, streams, beside),
    ...publishOptionsOf(options, isLive),
    network,
    signal,
    log,
    onProgress: (progress) => view.update(progress),
  });
  view.end();
  await capture?.close();
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

/** Steers what is played by the terminal's keys, where it has some. */
function steer(): RawTerminal | undefined {
  const isTyped = options.keys && Deno.stdin.isTerminal() &&
    playback.state !== undefined;
  if (!isTyped) return undefined;
  const terminal = new RawTerminal();
  view.log(KEYS_HELP);
  steerByKeys(terminal, playback, () => quit.abort()).catch((error) =>
    log.warn("keys are heard no more", { error })
  );
  return terminal;
}

/** What is published, recorded as it is captured where that is asked for. */
async function captured(
  capture: CaptureRecording | undefined,
  streams: readonly PublishedStream[],
  media: MediaSource | undefined,
): Promise<{ streams: readonly PublishedStream[]; media?: MediaSource }> {
  if (capture === undefined) return { streams, media };
  const { name, machine = "capture" } = called;
  const recorded = {
    streams: streams.map((stream) => ({
      ...stream,
      source: capture.source(stream.source, stream),
    })),
    media: media && capture.media(media),
  };
  await capture.start({
    id: crypto.randomUUID(),
    name: name ?? nameFrom(machine),
    start: new Date().toISOString(),
  });
  return recorded;
}

/** `deno task client`: publishes points, audio and video to a server. */
import { abortOnTermination, EXIT, readCommandLine } from "./lib/cli/exit.ts";
import { createProgressView, formatReport } from "./lib/cli/progress.ts";
import { createLogger, LOG_FORMATS, LOG_LEVELS } from "./lib/log.ts";
import { openFileMedia } from "./lib/media/file_media.ts";
import { publish } from "./lib/publisher.ts";
import { randomSource } from "./lib/sources/random.ts";

const options = readCommandLine("Usage: deno task client [OPTIONS]", {
  signaling: {
    type: "url",
    default: "http://localhost:8080/offer",
    help: "Where the server takes offers",
  },
  points: {
    type: "integer",
    min: 1,
    max: 50_000_000,
    default: 100_000,
    help: "Points of each frame",
  },
  rate: {
    type: "number",
    min: 0.001,
    max: 1000,
    default: 4,
    help: "Frames a second",
  },
  duration: {
    type: "number",
    min: 0,
    default: 10,
    help: "Seconds to send for; 0 goes on until stopped",
  },
  media: {
    type: "text",
    default: "tests/data/test.mp4",
    help: "Audio and video file to send, looped, or none",
  },
  "video-codec": {
    type: "choice",
    choices: ["vp8", "h264"],
    default: "vp8",
    help: "What video is encoded to",
  },
  dialect: {
    type: "choice",
    choices: ["pointwire", "original"],
    default: "pointwire",
    help: "How points are put on the wire",
  },
  verify: {
    type: "flag",
    help: "Have the server prove that every value arrived",
  },
  json: { type: "flag", help: "Print the report as one line of JSON" },
  "log-level": {
    type: "choice",
    choices: LOG_LEVELS,
    default: "info",
    help: "Least severity that is logged",
  },
  "log-format": {
    type: "choice",
    choices: LOG_FORMATS,
    default: "text",
    help: "Shape of a log line",
  },
});

const level = options["log-level"];
const log = createLogger({ level, format: options["log-format"] });
const signal = abortOnTermination();
const view = createProgressView();

try {
  const videoCodec = options["video-codec"];
  const media = options.media === "none"
    ? undefined
    : await openFileMedia(options.media, { videoCodec, signal });
  const report = await publish({
    ...options,
    source: randomSource(options.points),
    media,
    videoCodec,
    signal,
    log,
    onProgress: (progress) => view.update(progress),
  });
  view.end();
  const { failure } = report;
  if (options.json) console.log(JSON.stringify(report));
  else console.error(formatReport(report));
  if (failure !== undefined) console.error(failure);
  Deno.exit(failure === undefined ? EXIT.ok : EXIT.failed);
} catch (error) {
  view.end();
  if (signal.aborted) Deno.exit(EXIT.ok);
  console.error(error instanceof Error ? error.message : String(error));
  log.debug("the client failed", { error });
  Deno.exit(EXIT.failed);
}

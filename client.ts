/** `deno task client`: publishes points, audio and video to a server. */
import { openCredentials } from "./lib/cli/client_credentials.ts";
import {
  abortOnTermination,
  EXIT,
  readCommandLine,
  readOrExit,
} from "./lib/cli/exit.ts";
import {
  NETWORK_OPTIONS,
  readNetworkOptions,
} from "./lib/cli/network_options.ts";
import { createProgressView, formatReport } from "./lib/cli/progress.ts";
import { LOG_OPTIONS } from "./lib/cli/log_options.ts";
import { createLogger } from "./lib/log.ts";
import { openFileMedia } from "./lib/media/file_media.ts";
import { createEncoder } from "./lib/points/codecs.ts";
import { FRAME_CODECS } from "./lib/points/codec.ts";
import { publish } from "./lib/publishing/publish.ts";
import { openSource } from "./lib/sources/open.ts";

const options = readCommandLine("Usage: deno task client [OPTIONS]", {
  signaling: {
    type: "url",
    default: "http://localhost:8080/offer",
    help: "Where the server takes offers",
  },
  token: {
    type: "text",
    help: "Token that lets this client publish (or POINTWIRE_TOKEN)",
  },
  ca: {
    type: "text",
    help: "PEM file of the authority of the server's certificate",
  },
  source: {
    type: "text",
    default: "random",
    help: "random, lidar, - (standard input), a file, a folder or a glob",
  },
  points: {
    type: "integer",
    min: 1,
    max: 4_194_304,
    default: 100_000,
    help: "Points of each frame, where the source doesn't say",
  },
  fields: {
    type: "text",
    help: "Fields to send, such as x,y,z; all that the source has",
  },
  loop: { type: "flag", help: "Start again after the last file" },
  codec: {
    type: "choice",
    choices: FRAME_CODECS,
    default: "cloudini",
    help: "How points are encoded in the pointwire dialect",
  },
  resolution: {
    type: "number",
    min: 1e-9,
    max: 1e9,
    default: 0.001,
    help: "Step that cloudini rounds to, metres",
  },
  rate: {
    type: "number",
    min: 0.001,
    max: 1000,
    help: "Frames a second (4; standard input sets its own pace)",
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
  mtu: {
    type: "integer",
    min: 576,
    max: 65_535,
    help: "Largest IP packet to send, bytes (1280; larger on one machine)",
  },
  reconnect: {
    type: "flag",
    default: true,
    help: "Connect again when the connection is lost",
  },
  "reconnect-for": {
    type: "number",
    min: 0,
    max: 1_000_000,
    default: 60,
    help: "Seconds after which that is given up",
  },
  adaptive: {
    type: "flag",
    help: "Send coarser and fewer points while the network can't keep up",
  },
  verify: {
    type: "flag",
    help: "Have the server prove that every value arrived",
  },
  json: { type: "flag", help: "Print the report as one line of JSON" },
  ...NETWORK_OPTIONS,
  ...LOG_OPTIONS,
});
const network = readOrExit(() => readNetworkOptions(options));

const level = options["log-level"];
const log = createLogger({ level, format: options["log-format"] });
const signal = abortOnTermination();
const view = createProgressView();

try {
  const { codec, resolution } = options;
  const credentials = await openCredentials(options, log);
  const fields = options.fields?.split(",").map((name) => name.trim());
  const source = await openSource(options.source, { ...options, fields, log });
  const encoder = createEncoder(codec, {
    resolution,
    onFallback: (why) =>
      log.warn("frames go as raw float32, which holds all values", { why }),
  });
  const videoCodec = options["video-codec"];
  const media = options.media === "none"
    ? undefined
    : await openFileMedia(options.media, { videoCodec, signal });
  const report = await publish({
    ...options,
    ...credentials,
    network,
    rate: options.rate ?? (options.source === "-" ? 0 : 4),
    source,
    encoder,
    media,
    videoCodec,
    reconnectFor: options.reconnect ? options["reconnect-for"] : 0,
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

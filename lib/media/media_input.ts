/** What `--media` takes, told apart by how it is written. */
import { FILE_FORMATS, type InputRules, only } from "./ffmpeg_input.ts";

/** Where live sound and pictures come from, as ffmpeg opens it. */
export interface LiveInput {
  /** What it is called in messages: without a user's name and password. */
  name: string;
  /** What is behind the name, which messages must not have. */
  url: string;
  /** ffmpeg's arguments up to and with `-i`. */
  args: string[];
  /** Whether it may come and go, as what is behind a network does. */
  isRemote: boolean;
  /** Whether somebody else connects to it, which happens once. */
  listens: boolean;
  /** Whether it is this process's standard input. */
  isStdin: boolean;
  /** Whether it comes in pieces of seconds, to be played at their pace. */
  isPaced: boolean;
}

/** A media file, played over and over, or something live. */
export type MediaInput =
  | { kind: "file"; path: string }
  | { kind: "live"; input: LiveInput };

/** Options of {@linkcode readMediaInput}. */
export interface MediaInputOptions {
  /** The demuxer of what comes from standard input. */
  format?: string;
  /** Pixels that a device is asked for. */
  size?: { width: number; height: number };
  /** Frames a second that a device is asked for. */
  frameRate?: number;
}

/** Says what of an input can't be, as a sentence. */
export class MediaInputError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "MediaInputError";
}

const HTTP = ["http", "https", "httpproxy", "tls", "tcp", "crypto"];
const STREAMED = ["hls", "dash", "webvtt", "mpjpeg", ...FILE_FORMATS];

/** How addresses of a kind are opened. */
interface AddressKind {
  /** None of them may read a local file. */
  rules: InputRules;
  /** More that helps. */
  args?: string[];
}

const RTSP: AddressKind = {
  rules: {
    protocols: ["rtsp", "rtp", "srtp", "udp", "tcp", "tls", "http", "https"],
    formats: ["rtsp", "rtp", "mpegts"],
  },
  // TCP goes through firewalls and loses nothing; UDP where it is refused.
  args: ["-rtsp_flags", "prefer_tcp"],
};
const RTMP: AddressKind = {
  rules: {
    protocols: ["rtmp", "rtmps", "rtmpt", "ffrtmphttp", ...HTTP],
    formats: ["flv", "live_flv"],
  },
};
const UDP: AddressKind = {
  rules: { protocols: ["udp"], formats: FILE_FORMATS },
  // A burst that is longer than our patience ends nothing.
  args: ["-overrun_nonfatal", "1", "-fifo_size", "50000"],
};
const WEB: AddressKind = { rules: { protocols: HTTP, formats: STREAMED } };

const SCHEMES = new Map<string, AddressKind>([
  ...[["rtsp", RTSP], ["rtsps", RTSP], ["rtmp", RTMP], ["rtmps", RTMP]],
  ["srt", { rules: { protocols: ["srt"], formats: FILE_FORMATS } }],
  ["udp", UDP],
  ["rtp", { rules: { protocols: ["rtp", "udp"], formats: ["rtp", "mpegts"] } }],
  ["tcp", {
    rules: { protocols: ["tcp"], formats: ["mpjpeg", ...FILE_FORMATS] },
  }],
  ...[["http", WEB], ["https", WEB]],
] as [string, AddressKind][]);

/** Devices of libavdevice that have pictures, and those that have sound. */
const CAMERAS = [
  ...["v4l2", "avfoundation", "x11grab", "dshow", "gdigrab", "fbdev"],
  ...["kmsgrab", "decklink", "libdc1394"],
];
const MICROPHONES = ["alsa", "pulse", "jack", "oss", "openal", "sndio"];

/** How long ffmpeg may look at what it opens, microseconds. */
const ANALYZE = ["-analyzeduration", "2000000", "-fpsprobesize", "0"];

/**
 * Tells what a `--media` means: `test`, `-`, a device (`/dev/video0`,
 * `alsa:default`), an address (`rtsp://…`), else a file.
 *
 * @throws {MediaInputError} for what can't be opened, before anything is.
 */
export function readMediaInput(
  text: string,
  options: MediaInputOptions = {},
): MediaInput {
  if (text === "test") return live(testInput(options));
  if (text === "-") return live(standardInput(options));
  if (/^\/dev\/video\d+$/.test(text)) {
    return live(deviceInput("v4l2", text, options));
  }
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) return { kind: "file", path: text };
  if (rest.startsWith("//")) return live(networkInput(scheme, text));
  if ([...CAMERAS, ...MICROPHONES].includes(scheme)) {
    return live(deviceInput(scheme, rest, options));
  }
  return { kind: "file", path: scheme === "file" ? rest : text };
}

const LOCAL = {
  ...{ isRemote: false, listens: false, isStdin: false, isPaced: false },
};

function live(input: LiveInput): MediaInput {
  return { kind: "live", input };
}

/** A moving pattern with a counter, and a tone. */
function testInput({ size, frameRate = 30 }: MediaInputOptions): LiveInput {
  const { width, height } = size ?? { width: 1280, height: 720 };
  const pattern = `testsrc2=size=${width}x${height}:rate=${frameRate}[out0]`;
  const tone = "sine=frequency=440:sample_rate=48000[out1]";
  const args = ["-re", "-f", "lavfi", "-i", `${pattern};${tone}`];
  return { ...LOCAL, name: "test", url: "test", args };
}

function standardInput({ format }: MediaInputOptions): LiveInput {
  if (format === undefined) {
    throw new MediaInputError(
      "--media - needs --media-format, such as mpegts, matroska or h264",
    );
  }
  if (!STDIN_FORMATS.includes(format)) {
    throw new MediaInputError(
      `--media-format is one of ${STDIN_FORMATS.join(", ")}, not "${format}"`,
    );
  }
  const rules = { protocols: ["pipe"], formats: [format] };
  const args = [...only(rules), ...ANALYZE, "-f", format, "-i", "pipe:0"];
  const name = "standard input";
  return { ...LOCAL, name, url: "pipe:0", args, isStdin: true };
}

const STDIN_FORMATS = ["mpjpeg", ...FILE_FORMATS];

function deviceInput(
  format: string,
  device: string,
  { size, frameRate }: MediaInputOptions,
): LiveInput {
  const name = device.startsWith("/dev/") ? device : `${format}:${device}`;
  const isCamera = CAMERAS.includes(format);
  const args = [
    // The newest picture counts, and no queue of older ones.
    ...["-thread_queue_size", "8", "-f", format],
    ...isCamera && size ? ["-video_size", `${size.width}x${size.height}`] : [],
    ...isCamera && frameRate ? ["-framerate", `${frameRate}`] : [],
    ...["-i", device],
  ];
  return { ...LOCAL, name, url: device, args };
}

function networkInput(scheme: string, url: string): LiveInput {
  const kind = SCHEMES.get(scheme.toLowerCase());
  const name = withoutSecrets(url);
  if (kind === undefined || /:\/\/$/.test(url)) {
    const known = Array.from(SCHEMES.keys(), (each) => `${each}://`);
    throw new MediaInputError(
      `--media "${name}" can't be read: an address begins with ` +
        `${known.join(", ")}`,
    );
  }
  const { rules, args = [] } = kind;
  const [path, query = ""] = url.split("?", 2);
  return {
    ...{ name, url, isRemote: true, isStdin: false },
    args: [...only(rules), ...ANALYZE, ...args, "-i", url],
    listens: /(^|&)(listen=[^0]|mode=listener)/.test(query),
    isPaced: kind === WEB && /\.(m3u8|mpd)$/i.test(path),
  };
}

/** An address as a log may have it: what is before `@` or after `?` is left. */
function withoutSecrets(address: string): string {
  return address.replace(/^([^:]*:\/\/)[^/]*@/, "$1").replace(/\?.*$/s, "?…");
}

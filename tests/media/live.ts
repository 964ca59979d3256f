/** What tests of live media share: senders, and who takes what comes. */
import { assertGreater } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import type { MediaSource } from "../../lib/media/media_source.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import { until } from "../support.ts";

const TIMEOUT_MS = 60_000;

/** Log lines, and a logger that writes them. */
export function logOf() {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  return { lines, log };
}

/** Takes what a media gives, whole frames of its video. */
export class Taker {
  readonly frames: MediaFrame[] = [];
  readonly lost: () => number;
  sounds = 0;

  constructor(media: MediaSource) {
    const { codec } = media.tracks.find(({ kind }) => kind === "video")!;
    const video = new FrameAssembler({ codec });
    this.lost = () => video.counters.packetsLost;
    media.start({
      onRtp: ({ kind }, bytes) => {
        if (kind === "audio") this.sounds++;
        else this.frames.push(...video.push(parseRtp(bytes)!));
      },
    });
  }

  /** Waits for so many more frames, and gives them. */
  async more(count: number): Promise<MediaFrame[]> {
    const from = this.frames.length;
    await until(() => this.frames.length >= from + count, {
      what: `${count} frames`,
      within: TIMEOUT_MS,
    });
    return this.frames.slice(from);
  }
}

/** What a sender sends, and where to. */
export interface SenderOptions {
  /** Pixels. @default {"320x240"} */
  size?: string;
  /** Arguments that encode it. @default {H.264 without B-frames} */
  video?: string[];
  /** What encodes its sound. @default {"aac", and Opus in Matroska} */
  audio?: string;
  /** How it is wrapped up. @default {"mpegts"} */
  container?: string;
  /** Where to, as ffmpeg has it. */
  to?: string[];
}

const X264 = [
  ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
  ...["-g", "10"],
];

/** An ffmpeg that sends a pattern of 20 frames a second, and a tone. */
export function sender(options: SenderOptions): AsyncDisposable {
  const child = spawnSender(options);
  return {
    async [Symbol.asyncDispose]() {
      kill(child);
      await child.status;
    },
  };
}

/** The same, which is there again whenever who took it has left. */
export function senderForAll(options: SenderOptions): AsyncDisposable {
  let child = spawnSender(options);
  let isOver = false;
  const done = (async () => {
    for (;;) {
      await child.status;
      if (isOver) return;
      child = spawnSender(options);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      kill(child);
      await done;
    },
  };
}

function spawnSender(
  { size = "320x240", video = X264, audio, container, to = [] }: SenderOptions,
): Deno.ChildProcess {
  const usual = container === "matroska" ? "libopus" : "aac";
  return new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-v", "error", "-re", "-f", "lavfi"],
      ...["-i", `testsrc2=size=${size}:rate=20`],
      ...["-re", "-f", "lavfi", "-i", "sine=sample_rate=48000"],
      ...[...video, "-pix_fmt", "yuv420p", "-c:a", audio ?? usual, ...to],
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

export function assertGoesOn(frames: MediaFrame[]): void {
  frames.slice(1).forEach(({ timestamp }, i) => {
    assertGreater((timestamp - frames[i].timestamp) | 0, 0);
  });
}

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import {
  type FileMedia,
  type FileMediaOptions,
  openFileMedia,
} from "../../lib/media/file_media.ts";
import type { MediaFrame, MediaKind } from "../../lib/media/frame.ts";
import { FrameAssembler } from "../../lib/media/frame_assembler.ts";
import { parseRtp } from "../../lib/media/rtp.ts";
import { cameraClip } from "../../tools/camera_clip.ts";
import { testWith } from "../support.ts";

const leavingNothing = { sanitizeOps: true, sanitizeResources: true };

/** Takes what a media gives, and counts what is missing. */
class Taker {
  readonly frames: MediaFrame[] = [];
  readonly holes: Record<MediaKind, number> = { video: 0, audio: 0 };
  readonly packets: Record<MediaKind, number> = { video: 0, audio: 0 };
  longest = 0;
  readonly video: FrameAssembler;
  readonly #numbers: Partial<Record<MediaKind, number>> = {};
  #changed = Promise.withResolvers<void>();

  constructor(media: FileMedia) {
    const { codec } = media.tracks.find(({ kind }) => kind === "video")!;
    this.video = new FrameAssembler({ codec });
    media.ended.catch((error) => this.#changed.reject(error));
    media.start({ onRtp: ({ kind }, packet) => this.#take(kind, packet) });
  }

  /** Waits for a frame of which `isIt` is true, from the next one on. */
  async frame(isIt: (frame: MediaFrame) => boolean): Promise<MediaFrame> {
    for (let at = this.frames.length;; at++) {
      while (at >= this.frames.length) await this.#changed.promise;
      if (isIt(this.frames[at])) return this.frames[at];
    }
  }

  #take(kind: MediaKind, bytes: Uint8Array): void {
    const packet = parseRtp(bytes)!;
    const last = this.#numbers[kind] ?? packet.sequenceNumber - 1;
    if (packet.sequenceNumber !== ((last + 1) & 0xffff)) this.holes[kind]++;
    this.#numbers[kind] = packet.sequenceNumber;
    this.packets[kind]++;
    this.longest = Math.max(this.longest, bytes.length);
    if (kind === "audio") return;
    this.frames.push(...this.video.push(packet));
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Keeps this thread busy for 50 ms, ten times a second. */
function blockThread(): Disposable {
  const timer = setInterval(() => {
    for (const from = performance.now(); performance.now() - from < 50;);
  }, 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function assertWhole(taker: Taker): void {
  const { packetsLost, framesDropped, invalid } = taker.video.counters;
  assertEquals(taker.holes, { video: 0, audio: 0 });
  assertEquals([packetsLost, framesDropped, invalid], [0, 0, 0]);
  assertLess(taker.longest, 1201);
}

for (const camera of ["720p30", "1080p30"] as const) {
  testWith(
    ["ffmpeg"],
    `FileMedia loses no packet of ${camera} while its thread is busy`,
    async () => {
      const clip = await cameraClip(camera, { seconds: 10 });
      for (const videoCodec of ["vp8", "h264"] as const) {
        const videoBitrates = { most: 6_000_000 };
        const options: FileMediaOptions = { videoCodec, videoBitrates };
        await using media = await openFileMedia(clip, options);
        using _busy = blockThread();
        const taker = new Taker(media);
        let keyframes = 0;
        await taker.frame(({ keyframe }) => keyframe && ++keyframes === 2);
        assertWhole(taker);
        assertGreater(taker.packets.video, 10 * taker.frames.length);
      }
    },
    leavingNothing,
  );
}

testWith(
  ["ffmpeg"],
  "FileMedia's video follows the bitrate, and its sound isn't touched",
  async () => {
    const clip = await cameraClip("720p30", { seconds: 10 });
    await using media = await openFileMedia(clip, { videoCodec: "h264" });
    const { most } = media.videoBitrates!;
    const taker = new Taker(media);
    const first = await taker.frame(() => true);
    assertEquals([first.keyframe, first.width], [true, 1280]);

    media.setVideoBitrate(most / 5);
    const small = await taker.frame(({ width }) => width !== 1280);
    assert(small.keyframe, "smaller pictures begin with a keyframe");
    const thinFrom = taker.packets.video;
    await taker.frame(({ timestamp }) => secondsFrom(small, timestamp) > 2);
    const thin = taker.packets.video - thinFrom;

    media.setVideoBitrate(Infinity);
    const large = await taker.frame(({ width }) => width === 1280);
    assert(large.keyframe, "larger pictures begin with a keyframe");
    const richFrom = taker.packets.video;
    await taker.frame(({ timestamp }) => secondsFrom(large, timestamp) > 2);
    assertGreater(taker.packets.video - richFrom, 2 * thin);

    assertWhole(taker);
    taker.frames.slice(1).forEach(({ timestamp }, i) => {
      assertGreater((timestamp - taker.frames[i].timestamp) | 0, 0);
    });
  },
  leavingNothing,
);

function secondsFrom({ timestamp }: MediaFrame, later: number): number {
  return ((later - timestamp) | 0) / 90_000;
}

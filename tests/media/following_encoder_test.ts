import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
} from "@std/assert";
import { FollowingEncoder } from "../../lib/media/following_encoder.ts";
import { describeH264 } from "../../lib/media/h264.ts";
import { parseVp8Header } from "../../lib/media/vp8.ts";
import { pause, testWith, until } from "../support.ts";

const FORMAT = { width: 640, height: 360, frameRate: 30 };
const PICTURE_BYTES = FORMAT.width * FORMAT.height * 3 / 2;
const BITRATES = { least: 100_000, most: 1_500_000 };
const DESCRIBE = { vp8: parseVp8Header, h264: describeH264 };

/** Raw pictures as a camera makes them: much that moves, and noise over it. */
async function cameraPictures(seconds: number): Promise<Uint8Array> {
  const { width, height, frameRate } = FORMAT;
  const moving = `testsrc2=s=${width}x${height}:r=${frameRate}:d=${seconds}`;
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-v", "error"],
      ...["-f", "lavfi", "-i", `${moving},noise=alls=20:allf=t`],
      ...["-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

interface Encoded {
  /** The picture's number. */
  number: number;
  bytes: number;
  keyframe: boolean;
  width?: number;
}

/**
 * An encoder, and its frames. Each picture is given when the one before it is
 * out, so that however slow the machine is none is left out.
 */
class Rig implements AsyncDisposable {
  readonly frames: Encoded[] = [];
  readonly encoder: FollowingEncoder;
  readonly #pictures: Uint8Array;
  #changed = Promise.withResolvers<void>();
  #given = 0;

  constructor(
    codec: "vp8" | "h264",
    pictures: Uint8Array,
    bitrate = BITRATES.most,
  ) {
    this.#pictures = pictures;
    this.encoder = new FollowingEncoder({
      ...{ ffmpeg: "ffmpeg", codec, format: FORMAT },
      ...{ bitrates: BITRATES, bitrate },
      onFrame: ({ seconds, parts }) => {
        const data = Uint8Array.from(parts.flatMap((part) => [...part]));
        this.frames.push({
          number: Math.round(seconds * FORMAT.frameRate),
          bytes: data.length,
          ...DESCRIBE[codec](data)!,
        });
        this.#changed.resolve();
      },
      onFailed: (error) => this.#changed.reject(error),
    });
  }

  /** Comes up; the pictures that come too early aren't counted. */
  async begin(): Promise<void> {
    await until(() => {
      const before = this.encoder.dropped;
      this.#give();
      return this.encoder.dropped === before;
    }, { what: "an encoder that takes pictures" });
  }

  /** Gives pictures until `isEnough` is true of the frames since. */
  async giveUntil(isEnough: (since: Encoded[]) => boolean): Promise<Encoded[]> {
    const from = this.frames.length;
    const since = () => this.frames.slice(from);
    while (!isEnough(since())) {
      await this.#whenOut();
      this.#give();
    }
    await this.#whenOut();
    return since();
  }

  give(count: number): Promise<Encoded[]> {
    return this.giveUntil((since) => since.length >= count);
  }

  #give(): void {
    const number = this.#given++;
    const all = this.#pictures.length / PICTURE_BYTES;
    const at = (number % all) * PICTURE_BYTES;
    const picture = this.#pictures.subarray(at, at + PICTURE_BYTES);
    const seconds = number / FORMAT.frameRate;
    this.encoder.encode({ seconds, parts: [picture] });
  }

  /** Waits for the frame of the last picture. */
  async #whenOut(): Promise<void> {
    while (this.frames.at(-1)?.number !== this.#given - 1) {
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.encoder.close();
  }
}

/** Bits a second of stream, without the second that a change takes. */
function bitrateOf(frames: Encoded[]): number {
  const settled = frames.slice(FORMAT.frameRate);
  const bytes = settled.reduce((sum, frame) => sum + frame.bytes, 0);
  return 8 * bytes * FORMAT.frameRate / settled.length;
}

for (const codec of ["vp8", "h264"] as const) {
  testWith(
    ["ffmpeg"],
    `FollowingEncoder changes its rate without a gap: ${codec}`,
    async () => {
      const pictures = await cameraPictures(2);
      await using rig = new Rig(codec, pictures);
      await rig.begin();
      const rich = await rig.give(90);
      assert(rich[0].keyframe, "it begins with a keyframe");
      assertEquals(rich[0].width, 640);

      rig.encoder.setBitrate(200_000);
      const down = await rig.giveUntil((since) =>
        since.some(({ keyframe, width }) => keyframe && width === 480)
      );
      const thin = await rig.give(120);
      rig.encoder.setBitrate(1_500_000);
      await rig.giveUntil((since) =>
        since.some(({ keyframe, width }) => keyframe && width === 640)
      );
      const again = await rig.give(120);

      assertAlmostEquals(bitrateOf(rich), 1_500_000, 200_000);
      assertAlmostEquals(bitrateOf(thin), 200_000, 30_000);
      assertAlmostEquals(bitrateOf(again), 1_500_000, 200_000);
      // The first keyframe at another size is no larger than six frames.
      const first = down.find(({ width }) => width === 480)!;
      assertLess(first.bytes, 6 * 200_000 / 8 / FORMAT.frameRate);
      const numbers = rig.frames.map(({ number }) => number);
      numbers.slice(1).forEach((number, i) =>
        assertEquals(number, numbers[i] + 1)
      );
    },
  );
}

testWith(
  ["ffmpeg"],
  "FollowingEncoder gives a keyframe where one is asked for",
  async () => {
    const pictures = await cameraPictures(1);
    // By itself one comes every 120 pictures at so few bits.
    await using rig = new Rig("h264", pictures, 500_000);
    await rig.begin();
    await rig.give(2);
    const from = rig.frames.length;
    rig.encoder.requestKeyframe();
    while (!rig.frames.slice(from).some(({ keyframe }) => keyframe)) {
      // As fast as they come, the pictures of seconds are gone in one.
      await Promise.all([rig.give(1), pause(1000 / FORMAT.frameRate)]);
    }
    assertLess(rig.frames.length - from, 110);
    const numbers = rig.frames.map(({ number }) => number);
    assertEquals(numbers, numbers.map((_, i) => numbers[0] + i));
  },
);

testWith(
  ["ffmpeg"],
  "FollowingEncoder says once that its ffmpeg can't be run",
  async () => {
    const failures: unknown[] = [];
    const encoder = new FollowingEncoder({
      ...{ ffmpeg: "pointwire-no-such-program", codec: "vp8" },
      ...{ format: FORMAT, bitrates: BITRATES, onFrame() {} },
      onFailed: (error) => failures.push(error),
    });
    const picture = [new Uint8Array(PICTURE_BYTES)];
    encoder.prepare(picture);
    encoder.encode({ seconds: 0, parts: picture });
    await encoder.close();
    assertEquals(failures.length, 1);
  },
);

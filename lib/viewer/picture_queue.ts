/** Encoded pictures that wait for their decoder. */
import type { VideoCodec } from "../media/codec_string.ts";

/** One picture, as its encoder made it. */
export interface EncodedPicture {
  codec: VideoCodec;
  /** Whether it can be decoded without another one. */
  isKeyframe: boolean;
  /** When it was captured, milliseconds of the playout clock's origin. */
  captureTime: number;
  /** As `MediaFrame` has it: H.264 and H.265 in Annex B with their sets. */
  data: Uint8Array<ArrayBuffer>;
}

/** Pictures that wait at the most, and their bytes. */
const MOST_PICTURES = 256;
const MOST_BYTES = 32 * 1024 * 1024;

/** From so many on there is no room for more, where they can be had later. */
const ENOUGH = 32;

/**
 * Keeps pictures in the order of their decoding, from a keyframe on. Those that
 * a later one makes useless are left out.
 */
export class PictureQueue {
  #pictures: EncodedPicture[] = [];
  #bytes = 0;
  /** Whether nothing is missing since the last keyframe. */
  #isWhole = false;

  /** How many wait. */
  get length(): number {
    return this.#pictures.length;
  }

  /** Whether who has more at hand should give it. */
  get hasRoom(): boolean {
    return this.#pictures.length < ENOUGH;
  }

  /** Takes a picture, or leaves it out where one before it is missing. */
  push(picture: EncodedPicture): void {
    const { isKeyframe, data } = picture;
    const isFull = this.#pictures.length >= MOST_PICTURES ||
      this.#bytes + data.length > MOST_BYTES;
    if (isFull) this.clear();
    if (isKeyframe) this.#isWhole = true;
    if (!this.#isWhole) return;
    this.#pictures.push(picture);
    this.#bytes += data.length;
  }

  /**
   * Gives the next one to be decoded: a keyframe that is due makes all before
   * it useless.
   *
   * @param now the moment that is due; nothing where it isn't known.
   */
  take(now: number | undefined): EncodedPicture | undefined {
    const due = now === undefined ? -1 : this.#pictures.findLastIndex(
      ({ isKeyframe, captureTime }) => isKeyframe && captureTime <= now,
    );
    const taken = this.#pictures.splice(0, Math.max(due, 0) + 1);
    for (const { data } of taken) this.#bytes -= data.length;
    return taken.at(-1);
  }

  /** Forgets all; what follows begins with a keyframe. */
  clear(): void {
    this.#pictures = [];
    this.#bytes = 0;
    this.#isWhole = false;
  }
}

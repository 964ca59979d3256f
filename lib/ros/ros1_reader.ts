import { PointsError } from "../points/errors.ts";
import type { RosHeader, RosReader } from "../points/pointcloud2/ros_reader.ts";

/** The longest string that is read, bytes. */
const MAX_STRING_BYTES = 64 * 1024;

/**
 * Reads a message as ROS 1 serialises it: little-endian values without gaps,
 * strings without a zero byte (wiki.ros.org/ROS/Connection Header, msg).
 */
export class Ros1Reader implements RosReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  string(): string {
    const length = this.uint32();
    if (length > MAX_STRING_BYTES) {
      throw new PointsError(
        "too-large",
        `A string of ${length} bytes at byte ${this.#at}`,
      );
    }
    const start = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, this.#at));
  }

  byteSequence(): Uint8Array {
    const start = this.#take(this.uint32());
    return this.#bytes.subarray(start, this.#at);
  }

  float32Sequence(): Float32Array {
    const count = this.uint32();
    const start = this.#take(count * 4);
    return Float32Array.from(
      { length: count },
      (_, i) => this.#view.getFloat32(start + 4 * i, true),
    );
  }

  float64Sequence(): Float64Array {
    const count = this.uint32();
    const start = this.#take(count * 8);
    return Float64Array.from(
      { length: count },
      (_, i) => this.#view.getFloat64(start + 8 * i, true),
    );
  }

  time(): number {
    const seconds = this.uint32();
    return seconds * 1000 + this.uint32() / 1e6;
  }

  header(): RosHeader {
    this.uint32(); // The sequence number, which ROS 2 did away with.
    const stamp = this.time();
    return { stamp, frameId: this.string() };
  }

  /** Passes over so many bytes; returns where they are. */
  #take(bytes: number): number {
    const start = this.#at;
    if (bytes > this.rest) {
      throw new PointsError(
        "length",
        `${bytes} bytes are due at byte ${start}, ${this.rest} follow`,
      );
    }
    this.#at += bytes;
    return start;
  }
}

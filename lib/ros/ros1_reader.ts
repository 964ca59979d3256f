import { ByteReader } from "../points/byte_reader.ts";
import { PointsError } from "../points/errors.ts";
import type { RosHeader, RosReader } from "../points/pointcloud2/ros_reader.ts";

/** The longest string that is read, bytes. */
const MAX_STRING_BYTES = 64 * 1024;

/**
 * Reads a message as ROS 1 serialises it: little-endian values without gaps,
 * strings without a zero byte (wiki.ros.org/ROS/Connection Header, msg).
 */
export class Ros1Reader extends ByteReader implements RosReader {
  string(): string {
    const length = this.uint32();
    if (length > MAX_STRING_BYTES) {
      throw new PointsError(
        "too-large",
        `A string of ${length} bytes at byte ${this.at}`,
      );
    }
    return new TextDecoder().decode(this.bytes(length));
  }

  byteSequence(): Uint8Array {
    return this.bytes(this.uint32());
  }

  float32Sequence(): Float32Array {
    const count = this.uint32();
    const start = this.take(count * 4);
    return Float32Array.from(
      { length: count },
      (_, i) => this.view.getFloat32(start + 4 * i, true),
    );
  }

  float64Sequence(): Float64Array {
    const count = this.uint32();
    const start = this.take(count * 8);
    return Float64Array.from(
      { length: count },
      (_, i) => this.view.getFloat64(start + 8 * i, true),
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
}

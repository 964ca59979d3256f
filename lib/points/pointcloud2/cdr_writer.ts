/** Bytes before the payload: the representation, and options. */
const ENCAPSULATION_BYTES = 4;
/** CDR_LE: plain, little-endian. */
const LITTLE_ENDIAN = 1;

/**
 * Writes a ROS 2 message in CDR (OMG DDSI-RTPS 2.3, section 10), little-endian:
 * values aligned to their size from the payload's start.
 */
export class CdrWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at = ENCAPSULATION_BYTES;

  /** @param size bytes to begin with; it grows where they are too few. */
  constructor(size = 256) {
    this.#bytes = new Uint8Array(Math.max(ENCAPSULATION_BYTES, size));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes[1] = LITTLE_ENDIAN;
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#take(1), value);
  }

  int32(value: number): void {
    this.#view.setInt32(this.#take(4), value, true);
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#take(4), value, true);
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#take(8), value, true);
  }

  /** Writes a string, whose length counts the zero byte at its end. */
  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint32(bytes.length + 1);
    const start = this.#grow(this.#at, bytes.length + 1);
    this.#bytes.set(bytes, start);
    this.#bytes[start + bytes.length] = 0;
  }

  /** Writes how many bytes there are, and them. */
  byteSequence(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.#bytes.set(bytes, this.#grow(this.#at, bytes.length));
  }

  /** @param time milliseconds since the Unix epoch. */
  time(time: number): void {
    const { sec, nsec } = rosTime(time);
    this.int32(sec);
    this.uint32(nsec);
  }

  /** Writes a std_msgs/Header. */
  header(stamp: number, frameId: string): void {
    this.time(stamp);
    this.string(frameId);
  }

  /** Gives what has been written, a view; to be called last. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  #take(bytes: 1 | 4 | 8): number {
    const from = this.#at - ENCAPSULATION_BYTES;
    const start = ENCAPSULATION_BYTES + Math.ceil(from / bytes) * bytes;
    return this.#grow(start, bytes);
  }

  #grow(start: number, length: number): number {
    this.#at = start + length;
    if (this.#at <= this.#bytes.length) return start;
    const size = Math.max(this.#at, 2 * this.#bytes.length);
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    return start;
  }
}

/**
 * A time as ROS and Foxglove write it, to the microsecond: a float64 of
 * milliseconds holds no more.
 *
 * @param time milliseconds since the Unix epoch.
 */
export function rosTime(time: number): { sec: number; nsec: number } {
  const micros = Math.round(time * 1000);
  const sec = Math.floor(micros / 1e6);
  return { sec, nsec: 1000 * (micros - sec * 1e6) };
}

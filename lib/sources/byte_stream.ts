import { joinBytes } from "../points/join_bytes.ts";
import { SourceError } from "./errors.ts";

/** Bytes of a stream, taken in the pieces that are wanted. */
export class ByteStream implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  /** What came and is not taken yet. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  #hasEnded = false;

  constructor(input: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = input.getReader();
  }

  /** Bytes that are here and not taken yet. */
  get length(): number {
    return this.#length;
  }

  /**
   * Waits until so many bytes are here, or the stream has ended.
   *
   * @returns whether they are.
   */
  async has(length: number): Promise<boolean> {
    while (this.#length < length && !this.#hasEnded) await this.#read();
    return this.#length >= length;
  }

  /** Looks at the first bytes that are here, in one piece; they stay. */
  peek(length = this.#length): Uint8Array<ArrayBuffer> {
    if ((this.#waiting[0]?.length ?? 0) < Math.min(length, this.#length)) {
      this.#waiting = [joinBytes(this.#waiting, this.#length)];
    }
    return this.#waiting[0]?.subarray(0, length) ?? new Uint8Array();
  }

  /**
   * Takes so many bytes, in a buffer of their own, or what there is before the
   * end.
   */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.has(length);
    const taken = new Uint8Array(Math.min(length, this.#length));
    for (let at = 0; at < taken.length;) {
      const [first] = this.#waiting;
      const part = first.subarray(0, taken.length - at);
      taken.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#length -= taken.length;
    return taken;
  }

  /** Takes blanks and line ends, up to the first other byte or the end. */
  async skipBlanks(): Promise<void> {
    while (await this.has(1) && this.peek(1)[0] <= SPACE) await this.take(1);
  }

  /**
   * Finds the end of a number of lines that aren't blank.
   *
   * @param from bytes of what is here that are passed over.
   * @returns the bytes up to there, from what is here; those of all where the
   * stream ends before.
   * @throws {SourceError} where they are more than `most`.
   */
  async findLines(from: number, count: number, most: number): Promise<number> {
    let [at, found, isBlank] = [from, 0, true];
    while (found < count) {
      if (at >= most) {
        throw new SourceError(
          `Standard input has ${count} lines of more than ${most} bytes`,
        );
      }
      if (!await this.has(at + 1)) break;
      const bytes = this.peek();
      for (; at < bytes.length && found < count; at++) {
        if (bytes[at] > SPACE) isBlank = false;
        if (bytes[at] !== NEWLINE) continue;
        if (!isBlank) found++;
        isBlank = true;
      }
    }
    return at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) {
      this.#hasEnded = true;
      return;
    }
    if (value.length === 0) return;
    this.#waiting.push(value);
    this.#length += value.length;
  }
}

const NEWLINE = 0x0a;
const SPACE = 0x20;

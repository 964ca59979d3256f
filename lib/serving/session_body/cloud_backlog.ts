import type { ByteBudget } from "../../limits/byte_budget.ts";
import type { ForwardingCounters } from "../../session/snapshot.ts";
import {
  CHUNK_BYTES,
  type EncodedFrame,
  splitFrame,
} from "../../wire/frame.ts";
import { FrameTexts } from "../../wire/frame_texts.ts";
import { pointsRecord, type RecordParts } from "../../wire/session_records.ts";

export interface CloudBacklogOptions {
  /** What is held for all who read. */
  budget: ByteBudget;
  /** Where clouds are counted. */
  forwarded: ForwardingCounters;
}

/** A stream, as its reader knows it. */
interface Stream {
  number: number;
  texts: FrameTexts;
}

/**
 * The clouds that a reader hasn't taken yet: of each stream the newest, in
 * turn. One that was begun is finished, a message at a time, so that sound and
 * pictures don't wait for all of it.
 */
export class CloudBacklog implements Disposable {
  readonly #options: CloudBacklogOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #waiting = new Map<string, EncodedFrame>();
  #begun: Generator<RecordParts, void, void> | undefined;

  constructor(options: CloudBacklogOptions) {
    this.#options = options;
  }

  /** Takes a frame instead of the one of its stream that waits. */
  push(frame: EncodedFrame): void {
    const { stream } = frame;
    if (this.#waiting.has(stream)) this.#options.forwarded.framesDropped++;
    this.#waiting.set(stream, frame);
  }

  /** Gives the next record; nothing where no cloud waits. */
  next(): RecordParts | undefined {
    while (true) {
      this.#begun ??= this.#begin();
      if (this.#begun === undefined) return undefined;
      const { value } = this.#begun.next();
      if (value !== undefined) return value;
      this.#begun = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#begun?.return();
    this.#waiting.clear();
  }

  #begin() {
    for (const [stream, frame] of this.#waiting) {
      // Its next one comes after those of the others.
      this.#waiting.delete(stream);
      return this.#records(frame);
    }
  }

  *#records(frame: EncodedFrame): Generator<RecordParts, void, void> {
    const { budget, forwarded } = this.#options;
    const { bytes, stream } = frame;
    using held = budget.take(bytes.length);
    if (held === undefined) {
      forwarded.framesDropped++;
      return;
    }
    const { number, texts } = this.#stream(stream);
    for (const text of texts.before(frame)) yield pointsRecord(number, text);
    for (const message of splitFrame(bytes, frame, CHUNK_BYTES)) {
      forwarded.bytesSent += message.length;
      yield pointsRecord(number, message);
    }
    forwarded.framesSent++;
  }

  #stream(name: string): Stream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = { number: this.#streams.size, texts: new FrameTexts() };
    this.#streams.set(name, stream);
    return stream;
  }
}

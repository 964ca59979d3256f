import { ByteBlocks } from "../../limits/byte_blocks.ts";
import {
  type HeldShare,
  ITEM_BYTES,
  ownBytes,
} from "../../limits/held_bytes.ts";
import { DATA_FLAG } from "./packet.ts";

/** A DATA chunk that came. Its user data is the reassembler's to keep. */
export interface ReceivedChunk {
  /** Unwrapped. */
  tsn: number;
  flags: number;
  streamId: number;
  streamSequence: number;
  /** Payload protocol identifier (RFC 8831 section 8). */
  protocol: number;
  userData: Uint8Array;
}

/** What a chunk says of itself. */
type ChunkHeader = Omit<ReceivedChunk, "userData">;

/** A whole user message. */
export interface ReceivedMessage {
  streamId: number;
  protocol: number;
  data: Uint8Array;
}

/** A run of fragments of one message, with consecutive TSNs. */
interface Run {
  first: number;
  last: number;
  begins: boolean;
  ends: boolean;
  data: ByteBlocks;
  /** What the first of them says of its message. */
  header: ChunkHeader;
}

interface Stream {
  expected: number;
  /** Whole messages that wait for an earlier one, by stream sequence number. */
  waiting: Map<number, ReceivedMessage>;
}

/**
 * Puts user messages together from DATA chunks in any order, and gives them out
 * in the order of their stream (RFC 9260 section 6.5 to 6.9). Each chunk costs
 * the same however long its message or the window is: it joins the run of
 * fragments that ends just before it and the one that begins just after it.
 */
export class MessageReassembler {
  readonly #onMessage: (message: ReceivedMessage) => void;
  readonly #held: HeldShare | undefined;
  readonly #byFirst = new Map<number, Run>();
  readonly #byLast = new Map<number, Run>();
  readonly #streams = new Map<number, Stream>();
  #bytes = 0;
  /** What they take. */
  #heldBytes = 0;

  /** @param held is told what is held. */
  constructor(
    onMessage: (message: ReceivedMessage) => void,
    held?: HeldShare,
  ) {
    this.#onMessage = onMessage;
    this.#held = held;
  }

  /** Bytes held: of messages not whole, or not yet due. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What they take, bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The message in progress whose last fragment has TSN `tsn`. */
  endingAt(tsn: number): ByteBlocks | undefined {
    return this.#byLast.get(tsn)?.data;
  }

  /** Takes a chunk whose TSN has not come before. */
  add(chunk: ReceivedChunk): void {
    const { flags } = chunk;
    const begins = (flags & DATA_FLAG.beginning) !== 0;
    const ends = (flags & DATA_FLAG.ending) !== 0;
    if (begins && ends) this.#order(chunk, chunk.userData);
    else this.#join(chunk, begins, ends);
    this.#tell();
  }

  /** Keeps a fragment, or hands out the message that it completes. */
  #join(chunk: ReceivedChunk, begins: boolean, ends: boolean): void {
    const { tsn } = chunk;
    const before = begins ? undefined : this.#byLast.get(tsn - 1);
    const isContinued = before !== undefined && !before.ends &&
      isSame(before.header, chunk);
    const run = isContinued ? before : runOf(chunk, begins);
    if (isContinued) {
      this.#byLast.delete(before.last);
      this.#letGo(before);
    }
    run.last = tsn;
    run.ends = ends;
    run.data.append(chunk.userData);
    const after = ends ? undefined : this.#byFirst.get(tsn + 1);
    if (after !== undefined && !after.begins && isSame(chunk, after.header)) {
      this.#byFirst.delete(after.first);
      this.#byLast.delete(after.last);
      this.#letGo(after);
      run.last = after.last;
      run.ends = after.ends;
      run.data.appendAll(after.data);
    }
    if (run.begins && run.ends) {
      this.#byFirst.delete(run.first);
      this.#order(run.header, run.data.join());
    } else {
      this.#byFirst.set(run.first, run);
      this.#byLast.set(run.last, run);
      this.#bytes += run.data.length;
      this.#heldBytes += run.data.heldBytes;
    }
  }

  /**
   * Gives up what is not whole up to `tsn`, and goes on in each stream after
   * the sequence number named for it (RFC 3758 section 3.6).
   */
  forward(tsn: number, streams: [id: number, sequence: number][]): void {
    for (const run of [...this.#byFirst.values()]) {
      if (run.first > tsn) continue;
      this.#byFirst.delete(run.first);
      this.#byLast.delete(run.last);
      this.#letGo(run);
    }
    for (const [id, sequence] of streams) {
      const stream = this.#stream(id);
      // Whole messages up to there are still good, each in its turn.
      const due = [...stream.waiting]
        .filter(([waits]) => !isLater(waits, sequence))
        .sort(([a], [b]) => isLater(a, b) ? 1 : -1);
      for (const [waits, message] of due) this.#take(stream, waits, message);
      if (!isLater(stream.expected, sequence)) {
        stream.expected = sequence + 1 & 0xffff;
      }
      this.#giveDue(stream);
    }
    this.#tell();
  }

  /** Starts the sequence of a stream anew (RFC 6525 section 5.2.2). */
  resetStream(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    for (const { data } of stream.waiting.values()) this.#dropWhole(data);
    this.#streams.delete(id);
    this.#tell();
  }

  /** Says what is held; each stream that is known takes some, too. */
  #tell(): void {
    this.#held?.set(this.#heldBytes + ITEM_BYTES * this.#streams.size);
  }

  #letGo({ data }: Run): void {
    this.#bytes -= data.length;
    this.#heldBytes -= data.heldBytes;
  }

  #dropWhole({ length }: Uint8Array): void {
    this.#bytes -= length;
    this.#heldBytes -= length + ITEM_BYTES;
  }

  #stream(id: number): Stream {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      stream = { expected: 0, waiting: new Map() };
      this.#streams.set(id, stream);
    }
    return stream;
  }

  /** Hands out a whole message, or keeps it until it is its turn. */
  #order(header: ChunkHeader, data: Uint8Array): void {
    const { streamId, protocol, streamSequence, flags } = header;
    const message = { streamId, protocol, data };
    if (flags & DATA_FLAG.unordered) return this.#onMessage(message);
    const stream = this.#stream(streamId);
    if (streamSequence === stream.expected) {
      stream.expected = stream.expected + 1 & 0xffff;
      this.#onMessage(message);
      if (stream.waiting.size > 0) this.#giveDue(stream);
    } else if (
      isLater(streamSequence, stream.expected) &&
      !stream.waiting.has(streamSequence)
    ) {
      message.data = ownBytes(data);
      this.#bytes += data.length;
      this.#heldBytes += data.length + ITEM_BYTES;
      stream.waiting.set(streamSequence, message);
    }
  }

  #giveDue(stream: Stream): void {
    let message;
    while ((message = stream.waiting.get(stream.expected)) !== undefined) {
      const sequence = stream.expected;
      stream.expected = sequence + 1 & 0xffff;
      this.#take(stream, sequence, message);
    }
  }

  #take(stream: Stream, sequence: number, message: ReceivedMessage): void {
    stream.waiting.delete(sequence);
    this.#dropWhole(message.data);
    this.#onMessage(message);
  }
}

/** Whether a stream sequence number comes after another (RFC 1982, 16 bits). */
function isLater(a: number, b: number): boolean {
  return a !== b && (a - b & 0xffff) < 0x8000;
}

/** Whether two chunks can be of one message. */
function isSame(a: ChunkHeader, b: ChunkHeader): boolean {
  return a.streamId === b.streamId && a.streamSequence === b.streamSequence &&
    ((a.flags ^ b.flags) & DATA_FLAG.unordered) === 0;
}

/** A run that begins with a chunk, whose user data isn't in it so far. */
function runOf(
  { userData: _, ...header }: ReceivedChunk,
  begins: boolean,
): Run {
  const { tsn } = header;
  const data = new ByteBlocks();
  return { first: tsn, last: tsn, begins, ends: false, data, header };
}

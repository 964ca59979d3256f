import { PointsError } from "../../../points/errors.ts";
import type { BagTopic } from "../bag.ts";
import type { BagBytes } from "../bag_bytes.ts";
import type { BagChunk } from "../chunks.ts";
import { Channels } from "./channels.ts";
import { chunkPart, loosePart, readChunkRecords } from "./parts.ts";
import {
  CHUNK_TIMES_BYTES,
  MCAP_MAGIC,
  MESSAGE_HEADER_BYTES,
  OP,
  readChunkTimes,
  readMessageHeader,
  RECORD_HEADER_BYTES,
  recordsIn,
} from "./records.ts";
import { RecordReader } from "../record_reader.ts";

/** What is found in a file. */
export interface McapIndex {
  channels: Channels;
  parts: BagChunk[];
  /** Messages of each topic, where the file says it. */
  counts?: Map<BagTopic, number>;
  /** Why it ends before its end, where it does. */
  damage?: string;
}

/** Bytes of records in no chunk that are read at once. */
const LOOSE_BYTES = 4 * 1024 * 1024;
/** Most parts of a file, and bytes of a record that describes something. */
const MAX_PARTS = 1_000_000;
const MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024;

/** Bytes of a message's index before and of each of its entries. */
const INDEX_HEADER_BYTES = 6;
const INDEX_ENTRY_BYTES = 16;

interface Span {
  offset: number;
  length: number;
  start: number;
  end: number;
}

/**
 * Finds the parts of a file without an index, such as one that is cut off: it
 * goes from record to record, and reads what is in a chunk only where nothing
 * behind it says that.
 */
export async function scanMcap(file: BagBytes): Promise<McapIndex> {
  const scan = new Scan(file);
  const damage = await scan.run();
  const { channels, parts } = scan;
  return { channels, parts, ...(damage !== undefined && { damage }) };
}

class Scan {
  readonly channels = new Channels();
  readonly parts: BagChunk[] = [];
  readonly #file: BagBytes;
  /** Records in no chunk that are not a part yet. */
  #loose: (Span & { topics: Set<number> }) | undefined;
  /** The chunk before, and the channels that its indexes tell of. */
  #chunk: (Span & { channelIds: Set<number> }) | undefined;

  constructor(file: BagBytes) {
    this.#file = file;
  }

  /** @returns why the file ends before its end; nothing where it doesn't. */
  async run(): Promise<string | undefined> {
    const { size } = this.#file;
    let at = MCAP_MAGIC.length;
    let damage: string | undefined = `it is cut off at byte ${size}`;
    while (at + RECORD_HEADER_BYTES <= size) {
      const header = new RecordReader(
        await this.#file.peek(at, RECORD_HEADER_BYTES),
      );
      const op = header.uint8();
      const length = RECORD_HEADER_BYTES + header.uint64();
      if (op === OP.footer || op === OP.dataEnd) {
        damage = undefined;
        break;
      }
      if (op === 0) {
        damage = `it has no record at byte ${at}`;
        break;
      }
      if (at + length > size) break;
      await this.#take(op, at, length);
      at += length;
    }
    await this.#endChunk();
    this.#endLoose();
    return damage;
  }

  async #take(op: number, offset: number, length: number): Promise<void> {
    if (op !== OP.messageIndex) await this.#endChunk();
    if (op !== OP.message) this.#endLoose();
    const content = (most: number) =>
      this.#file.peek(
        offset + RECORD_HEADER_BYTES,
        Math.min(most, length - RECORD_HEADER_BYTES),
      );
    switch (op) {
      case OP.schema:
      case OP.channel:
        if (length > MAX_DESCRIPTION_BYTES) return;
        return this.channels.learn({ op, content: await content(length) });
      case OP.message:
        return this.#takeMessage(
          await content(MESSAGE_HEADER_BYTES),
          offset,
          length,
        );
      case OP.chunk: {
        const times = readChunkTimes(await content(CHUNK_TIMES_BYTES));
        this.#chunk = { ...times, offset, length, channelIds: new Set() };
        return;
      }
      case OP.messageIndex: {
        const hasMessages = length - RECORD_HEADER_BYTES >=
          INDEX_HEADER_BYTES + INDEX_ENTRY_BYTES;
        if (!hasMessages) return;
        const index = new RecordReader(await content(INDEX_HEADER_BYTES));
        this.#chunk?.channelIds.add(index.uint16());
      }
    }
  }

  #takeMessage(header: Uint8Array, offset: number, length: number): void {
    const { channel, logTime } = readMessageHeader(header);
    const isFull = this.#loose !== undefined &&
      this.#loose.length + length > LOOSE_BYTES;
    if (isFull) this.#endLoose();
    const span = { offset, length: 0, start: logTime, end: logTime };
    const loose = this.#loose ??= { ...span, topics: new Set() };
    loose.length += length;
    loose.start = Math.min(loose.start, logTime);
    loose.end = Math.max(loose.end, logTime);
    loose.topics.add(channel);
  }

  #endLoose(): void {
    if (this.#loose === undefined) return;
    const { topics: channels, ...span } = this.#loose;
    this.#loose = undefined;
    const topics = this.channels.of(channels);
    this.#add(loosePart(this.#file, this.channels, { ...span, topics }));
  }

  async #endChunk(): Promise<void> {
    if (this.#chunk === undefined) return;
    const { channelIds, ...span } = this.#chunk;
    this.#chunk = undefined;
    let topics = channelIds.size === 0
      ? undefined
      : this.channels.of(channelIds);
    if (topics === undefined) {
      await this.#learnFrom(span);
      topics = channelIds.size === 0 ? undefined : this.channels.of(channelIds);
    }
    this.#add(chunkPart(this.#file, this.channels, { ...span, topics }));
  }

  /** Reads which channels a chunk describes. */
  async #learnFrom(span: Span): Promise<void> {
    try {
      for (
        const record of recordsIn(await readChunkRecords(this.#file, span))
      ) {
        this.channels.learn(record);
      }
    } catch (error) {
      // A damaged chunk is left out when it is played.
      if (!(error instanceof PointsError)) throw error;
    }
  }

  #add(part: BagChunk): void {
    if (this.parts.length >= MAX_PARTS) {
      throw this.#file.error(`it has more than ${MAX_PARTS} parts`);
    }
    this.parts.push(part);
  }
}

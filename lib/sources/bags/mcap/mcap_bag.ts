import type { Logger } from "../../../log.ts";
import { PointsError } from "../../../points/errors.ts";
import type { Bag, BagTopic, MessageQuery } from "../bag.ts";
import { BagFile } from "../bag_file.ts";
import type { OpenFileOptions } from "../open_file_options.ts";
import { messagesOf } from "../chunks.ts";
import { Channels } from "./channels.ts";
import { chunkPart } from "./parts.ts";
import {
  FOOTER_BYTES,
  MCAP_MAGIC,
  type McapChunkIndex,
  type McapStatistics,
  OP,
  readChunkIndex,
  readStatistics,
  RECORD_HEADER_BYTES,
  recordsIn,
} from "./records.ts";
import { RecordReader } from "../record_reader.ts";
import { type McapIndex, scanMcap } from "./scan.ts";

/**
 * Opens an MCAP file. Its index is read where it has one; else, as where it is
 * cut off, it is looked through.
 *
 * @throws {SourceError} for what is no MCAP file.
 */
export async function openMcap(
  path: string,
  { name, log }: OpenFileOptions,
): Promise<Bag> {
  const file = await BagFile.open(path, name);
  try {
    const magic = await file.read(0, MCAP_MAGIC.length);
    if (!isMagic(magic)) {
      const hex = magic.toHex() || "nothing";
      throw file.error(`it is no MCAP file: it begins with ${hex} at byte 0`);
    }
    const index = await readIndex(file) ?? await scanMcap(file);
    return new McapBag(file, index, log);
  } catch (error) {
    file[Symbol.dispose]();
    if (!(error instanceof PointsError)) throw error;
    throw file.error(error.message, error);
  }
}

class McapBag implements Bag {
  readonly topics: readonly BagTopic[];
  readonly start: number;
  readonly end: number;
  readonly damage: string | undefined;
  readonly #file: BagFile;
  readonly #index: McapIndex;
  readonly #log: Logger;

  constructor(file: BagFile, index: McapIndex, log: Logger) {
    const { channels, parts, damage } = index;
    this.#file = file;
    this.#index = index;
    this.#log = log.child({ file: file.name });
    this.topics = channels.topics;
    this.start = parts.reduce(
      (min, { start }) => Math.min(min, start),
      Infinity,
    );
    this.end = parts.reduce((max, { end }) => Math.max(max, end), -Infinity);
    this.damage = damage;
  }

  messages(query: MessageQuery) {
    return messagesOf(this.#index.parts, query, this.#log);
  }

  async countMessages(): Promise<ReadonlyMap<BagTopic, number>> {
    if (this.#index.counts !== undefined) return this.#index.counts;
    const counts = new Map<BagTopic, number>();
    const topics = new Set(this.topics);
    for await (const { topic } of this.messages({ topics, from: -Infinity })) {
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
    return counts;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** Reads the summary at a file's end; nothing where it has none of chunks. */
async function readIndex(file: BagFile): Promise<McapIndex | undefined> {
  const tail = RECORD_HEADER_BYTES + FOOTER_BYTES + MCAP_MAGIC.length;
  const footerAt = file.size - tail;
  if (footerAt < MCAP_MAGIC.length) return undefined;
  const end = await file.read(footerAt, tail);
  const isWhole = end[0] === OP.footer &&
    isMagic(end.subarray(RECORD_HEADER_BYTES + FOOTER_BYTES));
  if (!isWhole) return undefined;
  const start = new RecordReader(end.subarray(RECORD_HEADER_BYTES)).uint64();
  if (start === 0 || start >= footerAt) return undefined;
  return indexOf(file, await file.read(start, footerAt - start));
}

function indexOf(file: BagFile, summary: Uint8Array): McapIndex | undefined {
  const channels = new Channels();
  const found: McapChunkIndex[] = [];
  let statistics: McapStatistics | undefined;
  for (const record of recordsIn(summary)) {
    channels.learn(record);
    if (record.op === OP.chunkIndex) found.push(readChunkIndex(record.content));
    if (record.op === OP.statistics) {
      statistics = readStatistics(record.content);
    }
  }
  // Messages may be in no chunk, and a writer may leave out what repeats.
  const isAll = statistics === undefined
    ? found.length > 0
    : statistics.chunks === found.length &&
      (found.length > 0 || statistics.messages === 0);
  if (!isAll || channels.topics.length === 0) return undefined;
  const parts = found.map(({ channels: ids, ...span }) =>
    chunkPart(file, channels, {
      ...span,
      topics: ids.length === 0 ? undefined : channels.of(ids),
    })
  );
  return {
    channels,
    parts,
    ...(statistics && { counts: countsOf(statistics, channels) }),
  };
}

function countsOf(
  { counts }: McapStatistics,
  channels: Channels,
): Map<BagTopic, number> {
  const byTopic = new Map<BagTopic, number>();
  for (const [channel, count] of counts) {
    const topic = channels.get(channel);
    if (topic === undefined) continue;
    byTopic.set(topic, (byTopic.get(topic) ?? 0) + count);
  }
  return byTopic;
}

function isMagic(bytes: Uint8Array): boolean {
  return bytes.length === MCAP_MAGIC.length &&
    MCAP_MAGIC.every((byte, i) => byte === bytes[i]);
}

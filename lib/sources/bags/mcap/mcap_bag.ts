import type { Logger } from "../../../logger.ts";
import { PointsError } from "../../../points/errors.ts";
import type { Bag, BagTopic, MessageQuery } from "../bag.ts";
import type { BagBytes } from "../bag_bytes.ts";
import { messagesOf } from "../chunks.ts";
import { Channels } from "./channels.ts";
import { chunkPart } from "./parts.ts";
import {
  MCAP_MAGIC,
  type McapChunkIndex,
  type McapStatistics,
  OP,
  readChunkIndex,
  readStatistics,
  recordsIn,
} from "./records.ts";
import { type McapIndex, scanMcap } from "./scan.ts";
import { isMagic, readSummary } from "./summary.ts";

/**
 * Reads what an MCAP file has. Its index is read where it has one; else, as
 * where it is cut off, it is looked through.
 *
 * @param file disposed of with the bag, or where there is none.
 * @throws {SourceError} for what is no MCAP file.
 */
export async function readMcap(file: BagBytes, log: Logger): Promise<McapBag> {
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

/** The messages of an MCAP file. */
export class McapBag implements Bag {
  readonly topics: readonly BagTopic[];
  readonly start: number;
  readonly end: number;
  readonly damage: string | undefined;
  readonly #file: BagBytes;
  readonly #index: McapIndex;
  readonly #log: Logger;

  constructor(file: BagBytes, index: McapIndex, log: Logger) {
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

  /**
   * Finds where to begin to read, to have the newest message of each topic up
   * to a moment: as far back as the index tells, a part too much.
   *
   * @param mostMs how far back it goes; what is older is left out.
   */
  reachBack(
    topics: Iterable<BagTopic>,
    time: number,
    mostMs: number,
  ): number {
    const recent = this.#index.parts.filter(({ start, end }) =>
      start <= time && end >= time - mostMs
    );
    let from = time;
    for (const topic of topics) {
      const before = recent.filter((part) => part.topics?.has(topic))
        .toSorted((a, b) => a.start - b.start)
        .slice(-2);
      // The last may have none of it before then, but for the part before.
      const part = before.findLast(({ end }) => end <= time) ?? before[0];
      if (part !== undefined) from = Math.min(from, part.start);
    }
    return from;
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

/** Reads the index at a file's end; nothing where it has none of chunks. */
async function readIndex(file: BagBytes): Promise<McapIndex | undefined> {
  const summary = await readSummary(file);
  return summary && indexOf(file, summary);
}

function indexOf(file: BagBytes, summary: Uint8Array): McapIndex | undefined {
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

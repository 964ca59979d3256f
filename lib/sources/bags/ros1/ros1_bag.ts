import type { Logger } from "../../../log.ts";
import { PointsError } from "../../../points/errors.ts";
import type { Bag, BagMessage, BagTopic, MessageQuery } from "../bag.ts";
import { BagFile } from "../bag_file.ts";
import { type BagChunk, messagesOf } from "../chunks.ts";
import type { OpenFileOptions } from "../open_file_options.ts";
import { Connections } from "./connections.ts";
import { OP, readChunkInfo, recordsIn, ROS1_MAGIC } from "./records.ts";
import { readChunk, recordAt, type RecordPlace } from "./ros1_file.ts";
import { type Ros1Index, scanRos1 } from "./scan.ts";

/**
 * Opens a bag of ROS 1, of version 2.0. Its index is read where it has one;
 * else, as where it is cut off, it is looked through.
 *
 * @throws {SourceError} for what is none, or is encrypted.
 */
export async function openRos1Bag(
  path: string,
  { name, log }: OpenFileOptions,
): Promise<Bag> {
  const file = await BagFile.open(path, name);
  try {
    await checkMagic(file);
    const header = await recordAt(file, ROS1_MAGIC.length);
    if (header !== undefined && header.fields.op !== OP.bagHeader) {
      throw new PointsError("header", "it has no header");
    }
    if (header?.fields.text("encryptor")) {
      throw new PointsError("unsupported", "it is encrypted");
    }
    const index = header && await readIndex(file, header) ||
      await scanRos1(file);
    return new Ros1Bag(file, index, log);
  } catch (error) {
    file[Symbol.dispose]();
    if (!(error instanceof PointsError)) throw error;
    throw file.error(error.message, error);
  }
}

async function checkMagic(file: BagFile): Promise<void> {
  const magic = await file.read(0, ROS1_MAGIC.length);
  const text = new TextDecoder().decode(magic);
  if (text === ROS1_MAGIC) return;
  throw file.error(
    text.startsWith("#ROS")
      ? `it is a bag of another version than 2.0: ${text.trim()}; rosbag fix ` +
        "makes one of it"
      : "it is no bag of ROS 1: it begins with " +
        `${magic.toHex() || "nothing"} at byte 0`,
  );
}

/** Reads the index at a file's end; nothing where it has none that is whole. */
async function readIndex(
  file: BagFile,
  { fields, end }: RecordPlace,
): Promise<Ros1Index | undefined> {
  const indexAt = fields.uint64("index_pos");
  if (indexAt < end || indexAt >= file.size) return undefined;
  const connections = new Connections();
  const chunks: Ros1Index["chunks"] = [];
  try {
    const bytes = await file.read(indexAt, file.size - indexAt);
    for (const record of recordsIn(bytes)) {
      connections.learn(record);
      const isChunk = record.fields.op === OP.chunkInfo;
      if (isChunk) chunks.push(readChunkInfo(record));
    }
  } catch (error) {
    if (error instanceof PointsError) return undefined;
    throw error;
  }
  const isAll = chunks.length === fields.uint32("chunk_count");
  return isAll ? { connections, chunks } : undefined;
}

class Ros1Bag implements Bag {
  readonly topics: readonly BagTopic[];
  readonly start: number;
  readonly end: number;
  readonly damage: string | undefined;
  readonly #file: BagFile;
  readonly #index: Ros1Index;
  readonly #parts: readonly BagChunk[];
  readonly #log: Logger;

  constructor(file: BagFile, index: Ros1Index, log: Logger) {
    const { connections, chunks, damage } = index;
    this.#file = file;
    this.#index = index;
    this.#log = log.child({ file: file.name });
    this.topics = connections.topics;
    const used = chunks.filter(({ counts }) => counts.size > 0);
    this.start = used.reduce(
      (min, { start }) => Math.min(min, start),
      Infinity,
    );
    this.end = used.reduce((max, { end }) => Math.max(max, end), -Infinity);
    this.damage = damage;
    this.#parts = used.map(({ offset, start, end, counts }) => ({
      ...{ start, end, topics: connections.of(counts.keys()) },
      load: async (topics) =>
        messagesIn(await readChunk(file, offset), connections, topics),
    }));
  }

  messages(query: MessageQuery) {
    return messagesOf(this.#parts, query, this.#log);
  }

  countMessages(): Promise<ReadonlyMap<BagTopic, number>> {
    const { connections, chunks } = this.#index;
    const byTopic = new Map<BagTopic, number>();
    for (const { counts } of chunks) {
      for (const [connection, count] of counts) {
        const topic = connections.get(connection);
        if (topic === undefined) continue;
        byTopic.set(topic, (byTopic.get(topic) ?? 0) + count);
      }
    }
    return Promise.resolve(byTopic);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

function messagesIn(
  bytes: Uint8Array,
  connections: Connections,
  topics: ReadonlySet<BagTopic>,
): BagMessage[] {
  const messages: BagMessage[] = [];
  for (const { fields, data } of recordsIn(bytes)) {
    if (fields.op !== OP.message) continue;
    const topic = connections.get(fields.uint32("conn"));
    if (topic === undefined || !topics.has(topic)) continue;
    messages.push({ topic, logTime: fields.time("time"), data });
  }
  return messages;
}

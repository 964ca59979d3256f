/** The parts of an MCAP file that have messages. */
import type { BagMessage, BagTopic } from "../bag.ts";
import type { BagBytes } from "../bag_bytes.ts";
import type { BagChunk } from "../chunks.ts";
import { decompress } from "../decompress.ts";
import type { Channels } from "./channels.ts";
import {
  MESSAGE_HEADER_BYTES,
  OP,
  readChunk,
  readMessageHeader,
  RECORD_HEADER_BYTES,
  recordsIn,
} from "./records.ts";

/** Where a part of a file lies, and what is in it. */
export interface PartOptions {
  start: number;
  end: number;
  /** Where it begins, and its length with the headers of its records. */
  offset: number;
  length: number;
  topics?: ReadonlySet<BagTopic>;
}

/** Makes a part of a chunk's record. */
export function chunkPart(
  file: BagBytes,
  channels: Channels,
  { offset, length, ...part }: PartOptions,
): BagChunk {
  return {
    ...part,
    async load(topics) {
      const records = await readChunkRecords(file, { offset, length });
      return messagesIn(records, channels, topics);
    },
  };
}

/** Makes a part of records that are in no chunk. */
export function loosePart(
  file: BagBytes,
  channels: Channels,
  { offset, length, ...part }: PartOptions,
): BagChunk {
  return {
    ...part,
    load: async (topics) =>
      messagesIn(await file.read(offset, length), channels, topics),
  };
}

/** Reads the records of a chunk, decompressed. */
export async function readChunkRecords(
  file: BagBytes,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array> {
  const record = await file.read(offset, length);
  const { compression, records, size } = readChunk(
    record.subarray(RECORD_HEADER_BYTES),
  );
  return decompress(records, compression, size);
}

function messagesIn(
  bytes: Uint8Array,
  channels: Channels,
  topics: ReadonlySet<BagTopic>,
): BagMessage[] {
  const messages: BagMessage[] = [];
  for (const record of recordsIn(bytes)) {
    channels.learn(record);
    if (record.op !== OP.message) continue;
    const { channel, logTime } = readMessageHeader(record.content);
    const topic = channels.get(channel);
    if (topic === undefined || !topics.has(topic)) continue;
    const data = record.content.subarray(MESSAGE_HEADER_BYTES);
    messages.push({ topic, logTime, data });
  }
  return messages;
}

/**
 * The records of an MCAP file (mcap.dev/spec): each a byte that says what it
 * is, a length, and so many bytes.
 */
import { RecordReader } from "../record_reader.ts";

/** What begins a file and ends it. */
export const MCAP_MAGIC = Uint8Array.of(
  ...[0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a],
);

/** What a record is. */
export const OP = {
  header: 1,
  footer: 2,
  schema: 3,
  channel: 4,
  message: 5,
  chunk: 6,
  messageIndex: 7,
  chunkIndex: 8,
  statistics: 11,
  metadata: 12,
  dataEnd: 15,
} as const;

/** Bytes before a record's content: what it is, and its length. */
export const RECORD_HEADER_BYTES = 9;
/** Bytes of a message's content before its data. */
export const MESSAGE_HEADER_BYTES = 22;
/** Bytes of the footer's content. */
export const FOOTER_BYTES = 20;

/** One record. */
export interface McapRecord {
  op: number;
  content: Uint8Array;
}

/**
 * Goes through records that lie one after the other.
 *
 * @throws {PointsError} `length` where the last one is cut off.
 */
export function* recordsIn(bytes: Uint8Array): Generator<McapRecord> {
  const reader = new RecordReader(bytes);
  while (reader.rest > 0) {
    const op = reader.uint8();
    yield { op, content: reader.bytes(reader.uint64()) };
  }
}

/** The type of a channel's messages. */
export interface McapSchema {
  id: number;
  name: string;
}

export function readSchema(content: Uint8Array): McapSchema {
  const reader = new RecordReader(content);
  return { id: reader.uint16(), name: reader.text() };
}

/** A channel: a topic, as one writer wrote it. */
export interface McapChannel {
  id: number;
  schema: number;
  topic: string;
  encoding: string;
}

export function readChannel(content: Uint8Array): McapChannel {
  const reader = new RecordReader(content);
  return {
    id: reader.uint16(),
    schema: reader.uint16(),
    topic: reader.text(),
    encoding: reader.text(),
  };
}

/** What a message's content begins with; the data follows. */
export interface McapMessageHeader {
  channel: number;
  /** Milliseconds. */
  logTime: number;
}

export function readMessageHeader(content: Uint8Array): McapMessageHeader {
  const reader = new RecordReader(content);
  const channel = reader.uint16();
  reader.uint32(); // Its number.
  return { channel, logTime: reader.nanoseconds() };
}

/** A chunk: when its messages were recorded, and its records. */
export interface McapChunk {
  /** Milliseconds. */
  start: number;
  end: number;
  /** Bytes of the records once they are decompressed. */
  size: number;
  compression: string;
  records: Uint8Array;
}

export function readChunk(content: Uint8Array): McapChunk {
  const reader = new RecordReader(content);
  const start = reader.nanoseconds();
  const end = reader.nanoseconds();
  const size = reader.uint64();
  reader.uint32(); // The checksum.
  const compression = reader.text();
  return {
    ...{ start, end, size, compression },
    records: reader.bytes(reader.uint64()),
  };
}

/** Reads when a chunk's messages were recorded from how its content begins. */
export function readChunkTimes(content: Uint8Array) {
  const reader = new RecordReader(content);
  return { start: reader.nanoseconds(), end: reader.nanoseconds() };
}

/** Bytes of a chunk's content that say that. */
export const CHUNK_TIMES_BYTES = 16;

/** Where a chunk is, and what is in it. */
export interface McapChunkIndex {
  start: number;
  end: number;
  /** Where its record begins, and its length. */
  offset: number;
  length: number;
  /** The channels that it has messages of; none where it doesn't say. */
  channels: number[];
}

export function readChunkIndex(content: Uint8Array): McapChunkIndex {
  const reader = new RecordReader(content);
  const times = { start: reader.nanoseconds(), end: reader.nanoseconds() };
  const offset = reader.uint64();
  const length = reader.uint64();
  const map = new RecordReader(reader.bytes(reader.uint32()));
  const channels: number[] = [];
  while (map.rest > 0) {
    channels.push(map.uint16());
    map.uint64(); // Where the index of its messages is.
  }
  return { ...times, offset, length, channels };
}

/** How many messages a file has of each channel, and when they came. */
export interface McapStatistics {
  messages: number;
  chunks: number;
  /** Milliseconds. */
  start: number;
  end: number;
  counts: Map<number, number>;
}

export function readStatistics(content: Uint8Array): McapStatistics {
  const reader = new RecordReader(content);
  const messages = reader.uint64();
  reader.bytes(2 + 4 + 4 + 4); // Schemas, channels, attachments, metadata.
  const chunks = reader.uint32();
  const times = { start: reader.nanoseconds(), end: reader.nanoseconds() };
  const map = new RecordReader(reader.bytes(reader.uint32()));
  const counts = new Map<number, number>();
  while (map.rest > 0) counts.set(map.uint16(), map.uint64());
  return { messages, chunks, ...times, counts };
}

/** What a file says of itself. */
export interface McapMetadata {
  name: string;
  entries: Map<string, string>;
}

export function readMetadata(content: Uint8Array): McapMetadata {
  const reader = new RecordReader(content);
  const name = reader.text();
  const map = new RecordReader(reader.bytes(reader.uint32()));
  const entries = new Map<string, string>();
  while (map.rest > 0) entries.set(map.text(), map.text());
  return { name, entries };
}

/** Writes the packets of a model as they go over the wire. */
import { packetChecksum } from "../../lib/transport/sctp/crc32c.ts";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  DATA_FLAG,
  type DataChunk,
  PacketWriter,
  paddedLength,
} from "../../lib/transport/sctp/packet.ts";
import type { Forward } from "./sctp_model.ts";
import type { ModelChunk, ModelPacket, Word } from "./sctp_chunks.ts";

/** What a number in a chunk is counted from. */
export interface ChunkState {
  /** The next TSN of ours. */
  tsn: number;
  /** The last TSN of the peer's that came. */
  peerTsn: number;
  /** The number of our next request to reset, and of the peer's. */
  request: number;
  response: number;
  /** The peer's verification tag, and ours. */
  tag: number;
  ownTag: number;
  /** The next sequence number of each stream that has had one. */
  sequences: Map<number, number>;
}

/** Writes a packet, and counts on what it takes of the numbers. */
export function writePacket(
  { chunks, tag, isSound }: ModelPacket,
  state: ChunkState,
): Uint8Array<ArrayBuffer> {
  const written = chunks.map((chunk) => writeChunk(chunk, state));
  const tags = {
    ...{ right: state.tag, own: state.ownTag, none: 0 },
    wrong: state.tag ^ 1,
  };
  return packetOf(written, tags[tag], isSound);
}

/** Puts chunks into a packet. */
export function packetOf(
  chunks: readonly Uint8Array[],
  tag: number,
  isSound = true,
): Uint8Array<ArrayBuffer> {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const packet = new Uint8Array(COMMON_HEADER_BYTES + bytes);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 5000);
  view.setUint16(2, 5000);
  view.setUint32(4, tag);
  let at = COMMON_HEADER_BYTES;
  for (const chunk of chunks) {
    packet.set(chunk, at);
    at += chunk.length;
  }
  view.setUint32(8, packetChecksum(packet) ^ (isSound ? 0 : 1), true);
  return packet;
}

function writeChunk(
  { type, flags, words, rest, lengthOff }: ModelChunk,
  state: ChunkState,
): Uint8Array {
  const head = words.reduce((sum, { bytes }) => sum + bytes, 4);
  const length = head + rest.length;
  const chunk = new Uint8Array(paddedLength(length));
  const view = new DataView(chunk.buffer);
  view.setUint8(0, type);
  view.setUint8(1, flags);
  view.setUint16(2, Math.max(0, length + lengthOff));
  let at = 4;
  for (const { of, plus, bytes } of words) {
    const value = countedFrom(of, words, state) + plus;
    if (bytes === 1) view.setUint8(at, value);
    else if (bytes === 2) view.setUint16(at, value);
    else view.setUint32(at, value);
    at += bytes;
  }
  chunk.set(rest, head);
  if (lengthOff === 0) takeNumbers(type, flags, words, state);
  return chunk;
}

function countedFrom(
  of: Word["of"],
  [, stream]: readonly Word[],
  state: ChunkState,
): number {
  if (of === "none") return 0;
  if (of !== "sequence") return state[of];
  return state.sequences.get(stream.plus) ?? 0;
}

/** Counts on from the numbers that were right: they are taken by now. */
function takeNumbers(
  type: number,
  flags: number,
  words: readonly Word[],
  state: ChunkState,
): void {
  const isTaken = (of: Word["of"]) =>
    words.some((word) => word.of === of && word.plus === 0);
  if (isTaken("request")) state.request = state.request + 1 >>> 0;
  if (type !== CHUNK.data || !isTaken("tsn")) return;
  state.tsn = state.tsn + 1 >>> 0;
  const isWhole = (flags & DATA_FLAG.beginning) !== 0 &&
    (flags & DATA_FLAG.ending) !== 0 && (flags & DATA_FLAG.unordered) === 0;
  if (!isWhole || !isTaken("sequence")) return;
  const stream = words[1].plus;
  const next = (state.sequences.get(stream) ?? 0) + 1 & 0xffff;
  state.sequences.set(stream, next);
}

/** Writes a DATA chunk. */
export function dataChunk(chunk: DataChunk): Uint8Array {
  const writer = new PacketWriter(20_000);
  writer.begin({ sourcePort: 0, destinationPort: 0, verificationTag: 0 });
  writer.data(chunk);
  return writer.finish().slice(COMMON_HEADER_BYTES);
}

/** Writes a FORWARD TSN chunk. */
export function forwardChunk({ tsn, streams }: Forward): Uint8Array {
  return chunkOf(CHUNK.forwardTsn, [tsn], streams.flat());
}

/** Writes a chunk of numbers of 32 bits, and of 16 after them. */
export function chunkOf(
  type: number,
  longs: number[],
  shorts: number[],
): Uint8Array {
  const length = 4 + 4 * longs.length + 2 * shorts.length;
  const chunk = new Uint8Array(length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, type << 24 | length);
  longs.forEach((value, i) => view.setUint32(4 + 4 * i, value));
  const at = 4 + 4 * longs.length;
  shorts.forEach((value, i) => view.setUint16(at + 2 * i, value));
  return chunk;
}

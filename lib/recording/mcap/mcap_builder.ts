import {
  McapChunkBuilder,
  McapRecordBuilder,
  type McapTypes,
} from "@mcap/core";
import { crc32 } from "node:zlib";
import { joinBytes } from "../../points/join_bytes.ts";
import { zstdCompress } from "../../points/zstd/zstd.ts";
import type { MessageType } from "../../ros/message_types.ts";
import { STATIC_QOS, STATIC_TOPIC } from "./static_topic.ts";

/** Fast: what is written has to keep up with what comes. */
const ZSTD_LEVEL = 1;

/** Bytes of the checksum that the footer ends with. */
const CRC_BYTES = 4;

/** One message of a channel. */
export interface McapMessage {
  /** The channel, as {@linkcode McapBuilder.addChannel} gave it. */
  channel: number;
  /** When it came, milliseconds since the Unix epoch. */
  logTime: number;
  /** When it was captured, the same. */
  publishTime: number;
  data: Uint8Array;
}

/** What a file says of itself. */
export interface McapDescription {
  /** What wrote it. */
  library: string;
  /** The name of its record of metadata, and its entries. */
  name: string;
  entries: ReadonlyMap<string, string>;
}

/**
 * Makes the bytes of an MCAP file (mcap.dev/spec) of profile ros2, piece by
 * piece; it does no I/O. Whatever is in a piece that was given out can be read
 * without what follows.
 */
export class McapBuilder {
  readonly #chunk = new McapChunkBuilder({ useMessageIndex: true });
  readonly #records = new McapRecordBuilder();
  readonly #schemas = new Map<string, McapTypes.Schema>();
  readonly #channels: McapTypes.Channel[] = [];
  readonly #chunkIndexes: McapTypes.ChunkIndex[] = [];
  readonly #metadataIndexes: McapTypes.MetadataIndex[] = [];
  readonly #counts = new Map<number, bigint>();
  #position = 0n;
  #crc = 0;
  #messages = 0;
  #start = 0n;
  #end = 0n;

  /** Bytes of the messages that are in no piece yet, with their headers. */
  get waitingBytes(): number {
    return this.#chunk.numMessages === 0 ? 0 : this.#chunk.byteLength;
  }

  /** How many messages were added. */
  get messages(): number {
    return this.#messages;
  }

  /** Gives the first piece: what the file says of itself. */
  begin({ library, name, entries }: McapDescription): Uint8Array {
    const records = this.#records;
    records.writeMagic();
    records.writeHeader({ profile: "ros2", library });
    const offset = BigInt(records.length);
    const metadata = { name, metadata: new Map(entries) };
    const length = records.writeMetadata(metadata);
    this.#metadataIndexes.push({ name, offset, length });
    return this.#take();
  }

  /** Adds a channel of messages in CDR; gives its number. */
  addChannel(topic: string, { name, definition }: MessageType): number {
    let schema = this.#schemas.get(name);
    if (schema === undefined) {
      schema = {
        ...{ id: this.#schemas.size + 1, name, encoding: "ros2msg" },
        data: new TextEncoder().encode(definition),
      };
      this.#schemas.set(name, schema);
      this.#chunk.addSchema(schema);
    }
    const channel: McapTypes.Channel = {
      id: this.#channels.length,
      schemaId: schema.id,
      topic,
      messageEncoding: "cdr",
      metadata: new Map(
        topic === STATIC_TOPIC ? [["offered_qos_profiles", STATIC_QOS]] : [],
      ),
    };
    this.#channels.push(channel);
    this.#chunk.addChannel(channel);
    return channel.id;
  }

  /** Adds a message, which is copied. */
  addMessage({ channel, logTime, publishTime, data }: McapMessage): void {
    const count = this.#counts.get(channel) ?? 0n;
    const time = nanoseconds(logTime);
    if (this.#messages++ === 0 || time < this.#start) this.#start = time;
    if (time > this.#end) this.#end = time;
    this.#counts.set(channel, count + 1n);
    this.#chunk.addMessage({
      channelId: channel,
      sequence: Number(count & 0xffffffffn),
      logTime: time,
      publishTime: nanoseconds(publishTime),
      data,
    });
  }

  /** Gives what was added since the last piece as a chunk with its index. */
  flush(): Uint8Array | undefined {
    if (this.#chunk.numMessages === 0) return undefined;
    const { buffer, messageStartTime, messageEndTime } = this.#chunk;
    const { compression, bytes } = compress(buffer);
    const chunkStartOffset = this.#position;
    const uncompressedSize = BigInt(buffer.length);
    const times = { messageStartTime, messageEndTime };
    const chunkLength = this.#records.writeChunk({
      ...{ ...times, uncompressedSize, compression, records: bytes },
      uncompressedCrc: crc32(buffer),
    });
    const messageIndexOffsets = new Map<number, bigint>();
    let messageIndexLength = 0n;
    for (const index of this.#chunk.indices) {
      const at = this.#position + BigInt(this.#records.length);
      messageIndexOffsets.set(index.channelId, at);
      messageIndexLength += this.#records.writeMessageIndex(index);
    }
    this.#chunkIndexes.push({
      ...{ ...times, chunkStartOffset, chunkLength, messageIndexOffsets },
      ...{ messageIndexLength, compression, uncompressedSize },
      compressedSize: BigInt(bytes.length),
    });
    this.#chunk.reset();
    return this.#take();
  }

  /** Gives the last piece: the index of the whole file. */
  end(): Uint8Array {
    const records = this.#records;
    records.writeDataEnd({ dataSectionCrc: this.#crc });
    const data = this.#take();
    const summaryStart = this.#position;
    const offsets: McapTypes.SummaryOffset[] = [];
    const group = (groupOpcode: number, write: () => void) => {
      const from = BigInt(records.length);
      write();
      const groupLength = BigInt(records.length) - from;
      const groupStart = summaryStart + from;
      if (groupLength > 0) {
        offsets.push({ groupOpcode, groupStart, groupLength });
      }
    };
    group(
      OP.schema,
      () => this.#schemas.forEach((schema) => records.writeSchema(schema)),
    );
    group(
      OP.channel,
      () => this.#channels.forEach((channel) => records.writeChannel(channel)),
    );
    group(OP.statistics, () => records.writeStatistics(this.#statistics()));
    group(
      OP.metadataIndex,
      () =>
        this.#metadataIndexes.forEach((each) =>
          records.writeMetadataIndex(each)
        ),
    );
    group(
      OP.chunkIndex,
      () => this.#chunkIndexes.forEach((each) => records.writeChunkIndex(each)),
    );
    const summaryOffsetStart = summaryStart + BigInt(records.length);
    for (const offset of offsets) records.writeSummaryOffset(offset);
    // Its checksum is of the footer too, as far as before itself.
    records.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc: 0 });
    const summary = this.#take();
    const at = summary.length - CRC_BYTES;
    new DataView(summary.buffer).setUint32(
      at,
      crc32(summary.subarray(0, at)),
      true,
    );
    records.writeMagic();
    return joinBytes([data, summary, this.#take()]);
  }

  #statistics(): McapTypes.Statistics {
    return {
      messageCount: BigInt(this.messages),
      schemaCount: this.#schemas.size,
      channelCount: this.#channels.length,
      attachmentCount: 0,
      metadataCount: this.#metadataIndexes.length,
      chunkCount: this.#chunkIndexes.length,
      messageStartTime: this.#start,
      messageEndTime: this.#end,
      channelMessageCounts: this.#counts,
    };
  }

  /** Takes what the record builder holds: a copy, whose memory is its own. */
  #take(): Uint8Array {
    const piece = this.#records.buffer;
    this.#records.reset();
    this.#position += BigInt(piece.length);
    this.#crc = crc32(piece, this.#crc);
    return piece;
  }
}

/** What a group of the summary is of. */
const OP = {
  schema: 3,
  channel: 4,
  chunkIndex: 8,
  statistics: 11,
  metadataIndex: 13,
} as const;

/** Cloudini's bytes, pictures and sound are compressed already. */
function compress(bytes: Uint8Array) {
  const compressed = zstdCompress(bytes, ZSTD_LEVEL);
  return compressed.length < bytes.length
    ? { compression: "zstd", bytes: compressed }
    : { compression: "", bytes };
}

/** A float64 of milliseconds since 1970 holds no more than microseconds. */
function nanoseconds(time: number): bigint {
  return BigInt(Math.max(0, Math.round(time * 1000))) * 1000n;
}

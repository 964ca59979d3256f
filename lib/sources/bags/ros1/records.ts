/**
 * The records of a bag of ROS 1 (wiki.ros.org/Bags/Format/2.0): a header of
 * fields, each `name=value`, and data, either after its length.
 */
import { PointsError } from "../../../points/errors.ts";
import { RecordReader } from "../record_reader.ts";

/** What begins a file. */
export const ROS1_MAGIC = "#ROSBAG V2.0\n";

/** What a record is. */
export const OP = {
  message: 2,
  bagHeader: 3,
  index: 4,
  chunk: 5,
  chunkInfo: 6,
  connection: 7,
} as const;

/** Most bytes of a record's header; fields are a few numbers and a name. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** The fields of a header, by name. */
export class Ros1Fields {
  readonly #values = new Map<string, Uint8Array>();

  /** @throws {PointsError} where they are cut off, or are none. */
  constructor(header: Uint8Array) {
    const reader = new RecordReader(header);
    while (reader.rest > 0) {
      const field = reader.bytes(reader.uint32());
      const equals = field.indexOf("=".charCodeAt(0));
      if (equals < 1) throw new PointsError("header", "a field has no name");
      const name = new TextDecoder().decode(field.subarray(0, equals));
      this.#values.set(name, field.subarray(equals + 1));
    }
  }

  /** What the record is. */
  get op(): number {
    return this.#read("op").uint8();
  }

  uint32(name: string): number {
    return this.#read(name).uint32();
  }

  /** Reads a whole number of 64 bits, rounded to the nearest double. */
  uint64(name: string): number {
    return this.#read(name).uint64();
  }

  /** Reads a moment: seconds and nanoseconds, as milliseconds. */
  time(name: string): number {
    return readTime(this.#read(name));
  }

  /** Reads a text; nothing where there is none. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value && new TextDecoder().decode(value);
  }

  #read(name: string): RecordReader {
    const value = this.#values.get(name);
    if (value !== undefined) return new RecordReader(value);
    throw new PointsError("header", `a record has no field "${name}"`);
  }
}

/** One record. */
export interface Ros1Record {
  fields: Ros1Fields;
  data: Uint8Array;
}

/**
 * Goes through records that lie one after the other.
 *
 * @throws {PointsError} where the last one is cut off, or one is none.
 */
export function* recordsIn(bytes: Uint8Array): Generator<Ros1Record> {
  const reader = new RecordReader(bytes);
  while (reader.rest > 0) {
    const fields = new Ros1Fields(reader.bytes(reader.uint32()));
    yield { fields, data: reader.bytes(reader.uint32()) };
  }
}

/** Where a chunk is, and what is in it. */
export interface Ros1ChunkInfo {
  /** Where its record begins. */
  offset: number;
  /** When its first and last messages were recorded, milliseconds. */
  start: number;
  end: number;
  /** How many messages it has of each connection. */
  counts: Map<number, number>;
}

export function readChunkInfo({ fields, data }: Ros1Record): Ros1ChunkInfo {
  const reader = new RecordReader(data);
  const counts = new Map<number, number>();
  while (reader.rest > 0) counts.set(reader.uint32(), reader.uint32());
  return {
    offset: fields.uint64("chunk_pos"),
    start: fields.time("start_time"),
    end: fields.time("end_time"),
    counts,
  };
}

function readTime(reader: RecordReader): number {
  const seconds = reader.uint32();
  return seconds * 1000 + reader.uint32() / 1e6;
}

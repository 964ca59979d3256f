/** Makes MCAP files: as small as may be, or large ones which take no disk. */
import { zstdCompress } from "../../../lib/points/zstd/zstd.ts";

const MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);
const OP = {
  ...{ header: 1, footer: 2, schema: 3, channel: 4, message: 5 },
  ...{ chunk: 6, chunkIndex: 8, dataEnd: 15 },
};

type Part =
  | Uint8Array
  | string
  | readonly [bytes: 2 | 4 | 8, value: number | bigint];

/** Joins bytes, texts after their length, and whole numbers, little-endian. */
function pack(...parts: Part[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === "string") {
      const text = new TextEncoder().encode(part);
      bytes.push(...pack([4, text.length]), ...text);
    } else if (part instanceof Uint8Array) {
      for (const byte of part) bytes.push(byte);
    } else {
      let value = BigInt(part[1]);
      for (let i = 0; i < part[0]; i++, value >>= 8n) {
        bytes.push(Number(value & 0xffn));
      }
    }
  }
  return Uint8Array.from(bytes);
}

function record(op: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  return pack(Uint8Array.of(op), [8, content.length], content);
}

/** A topic of CDR, on channel 1. */
export interface McapTopic {
  topic: string;
  type: string;
}

function description({ topic, type }: McapTopic): Uint8Array<ArrayBuffer> {
  return pack(
    record(OP.schema, pack([2, 1], type, "ros2msg", "")),
    record(OP.channel, pack([2, 1], [2, 1], topic, "cdr", [4, 0])),
  );
}

function messageHead(time: bigint): Uint8Array<ArrayBuffer> {
  return pack([2, 1], [4, 0], [8, time], [8, time]);
}

/** Writes a file of some messages, in no chunks, 100 ms apart. */
export async function writeSmallMcap(
  path: string,
  topic: McapTopic,
  messages: readonly Uint8Array[],
): Promise<void> {
  const parts = messages.map((data, i) =>
    record(OP.message, pack(messageHead(timeOf(i, 10)), data))
  );
  const bytes = pack(
    ...[MAGIC, record(OP.header, pack("", "")), description(topic), ...parts],
    record(OP.dataEnd, pack([4, 0])),
    record(OP.footer, pack([8, 0], [8, 0], [4, 0])),
    MAGIC,
  );
  await Deno.writeFile(path, bytes);
}

/** Nanoseconds of a message, so many a second. */
function timeOf(i: number, rate: number): bigint {
  return 1_700_000_000_000_000_000n + BigInt(i) * BigInt(1e9 / rate);
}

/** Points of a cloud of x, y and z, and clouds of a chunk. */
const POINTS = 130_000;
const CLOUDS_PER_CHUNK = 4;
const RATE = 20;
/** Zeros at the end of a message: the points, and that they aren't dense. */
const ZEROS = 12 * POINTS + 1;

/** How a large file is written. */
export interface LargeMcap {
  /** Bytes of all messages; a chunk more or less. */
  bytes: number;
  compression: "" | "zstd";
}

/**
 * Writes a file of clouds of 1.56 MB in chunks of four, with an index. All
 * coordinates are 0, and without compression holes in the file: it takes next
 * to no room on the disk, however large it is.
 *
 * @returns how many clouds there are.
 */
export async function writeLargeMcap(
  path: string,
  { bytes, compression }: LargeMcap,
): Promise<number> {
  using file = await Deno.create(path);
  const indexes: Uint8Array[] = [];
  const start = pack(MAGIC, record(OP.header, pack("", "")));
  await file.write(start);
  let at = start.length;
  let clouds = 0;
  while (clouds * ZEROS < bytes) {
    const times = Array.from(
      { length: CLOUDS_PER_CHUNK },
      () => timeOf(clouds++, RATE),
    );
    const span = pack([8, times[0]], [8, times.at(-1)!]);
    const { length, size } = await writeChunk(file, {
      ...{ span, times, compression },
    });
    const where = pack([8, at], [8, length], [4, 10], [2, 1], [8, 0], [8, 0]);
    const sizes = pack(compression, [8, length], [8, size]);
    indexes.push(record(OP.chunkIndex, pack(span, where, sizes)));
    at += length;
    await file.seek(at, Deno.SeekMode.Start);
  }
  const end = record(OP.dataEnd, pack([4, 0]));
  const topic = { topic: "/points", type: "sensor_msgs/msg/PointCloud2" };
  const footer = pack([8, at + end.length], [8, 0], [4, 0]);
  await file.write(pack(
    ...[end, description(topic), ...indexes],
    ...[record(OP.footer, footer), MAGIC],
  ));
  return clouds;
}

async function writeChunk(
  file: Deno.FsFile,
  { span, times, compression }: {
    span: Uint8Array;
    times: readonly bigint[];
    compression: LargeMcap["compression"];
  },
): Promise<{ length: number; size: number }> {
  const heads = times.map(cloudHead);
  const size = heads.reduce((sum, { length }) => sum + length + ZEROS, 0);
  const about = pack(span, [8, size], [4, 0], compression);
  if (compression === "zstd") {
    const records = new Uint8Array(size);
    let at = 0;
    for (const head of heads) {
      records.set(head, at);
      at += head.length + ZEROS;
    }
    const small = zstdCompress(records, 1);
    const chunk = record(OP.chunk, pack(about, [8, small.length], small));
    await file.write(chunk);
    return { length: chunk.length, size };
  }
  const head = pack(
    ...[Uint8Array.of(OP.chunk), [8, about.length + 8 + size] as const],
    ...[about, [8, size] as const],
  );
  await file.write(head);
  for (const head of heads) {
    await file.write(head);
    await file.seek(ZEROS, Deno.SeekMode.Current);
  }
  return { length: head.length + size, size };
}

/** The record of a cloud's message but for the zeros that it ends with. */
function cloudHead(time: bigint): Uint8Array<ArrayBuffer> {
  const text = (of: string) => pack(`${of}\0`, [2, 0]);
  const fields = ["x", "y", "z"].map((name, i) =>
    pack(text(name), [4, 4 * i], [4, 7], [4, 1])
  );
  const stamp = pack([4, time / 1_000_000_000n], [4, time % 1_000_000_000n]);
  const head = pack(
    ...[messageHead(time), Uint8Array.of(0, 1, 0, 0), stamp, text("a")],
    ...[pack([4, 1], [4, POINTS], [4, 3]), ...fields],
    ...[pack([4, 0], [4, 12], [4, 12 * POINTS], [4, 12 * POINTS])],
  );
  return pack(
    ...[Uint8Array.of(OP.message), [8, head.length + ZEROS] as const, head],
  );
}

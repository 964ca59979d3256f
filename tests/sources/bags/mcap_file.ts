/** Makes MCAP files: as small as may be, or large ones which take no disk. */

const MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);
const OP = {
  ...{ header: 1, footer: 2, schema: 3, channel: 4, message: 5 },
  ...{ chunk: 6, chunkIndex: 8, dataEnd: 15 },
};

type Part = Uint8Array | string | [bytes: 2 | 4 | 8, value: number | bigint];

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

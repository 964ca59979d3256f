/**
 * Compound RTCP packets (RFC 3550 section 6.1) of every kind, made of fields
 * that are right, nearly right, or far from it.
 */
import fc from "fast-check";

/** SSRCs that stand for those of a connection, until it is written. */
const PLACES = { sent: 0xfefe0001, repeats: 0xfefe0002, own: 0xfefe0003 };
/** The SSRCs of a connection: of what is sent to its author, and its own. */
export type Ssrcs = Record<keyof typeof PLACES, number>;

/** One packet of a compound. */
export interface ModelRtcp {
  type: number;
  /** Count, or feedback message type: 5 bits. */
  count: number;
  /** Of 32 bits each, big-endian. */
  words: number[];
  /** Put after the words, as far as it goes with 32 bits. */
  rest: Uint8Array;
  /** How wrong the length is, in words. */
  lengthOff: number;
  /** The last byte of a packet that says it has padding. */
  padding: number | undefined;
}

const ssrc = fc.oneof(
  { arbitrary: fc.constantFrom(...Object.values(PLACES)), weight: 8 },
  fc.constantFrom(0, 1, 0xffffffff),
);
const anyWord = fc.oneof(
  fc.nat(0xffff),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff0000),
);
const words = (maxLength: number) => fc.array(anyWord, { maxLength });

/** Makes a body of fields in their order. */
const fields = (...all: fc.Arbitrary<number | number[]>[]) =>
  fc.tuple(...all).map((values) => values.flat());
const many = (maxLength: number, ...all: fc.Arbitrary<number>[]) =>
  fc.array(fc.tuple(...all), { maxLength, size: "max" })
    .map((values) => values.flat());

const blocks = many(6, ssrc, ...Array(5).fill(anyWord));

/** Chunks of transport-wide feedback: runs and vectors, 16 bits each. */
const anyStatusChunk = fc.oneof(
  // A run of one symbol: of what came, of what didn't, and of what is nothing.
  fc.tuple(
    fc.nat(3),
    fc.oneof(fc.nat(40), fc.constantFrom(0, 1, 180, 8191)),
  ).map(([symbol, run]) => symbol << 13 | run),
  fc.nat(0x3fff).map((bits) => 0x8000 | bits),
  fc.nat(0x3fff).map((bits) => 0xc000 | bits),
);

/** Transport-wide feedback whose deltas are as many as its chunks say. */
const anyTransportWide = fc.record({
  base: fc.oneof(fc.nat(120), fc.nat(0xffff)),
  off: fc.constantFrom(0, 0, 0, 0, 0, -1, 1, 7, 500),
  time: anyWord,
  chunks: fc.array(anyStatusChunk, { maxLength: 9, size: "max" }),
  delta: fc.constantFrom(0, 1, 20, 0x7f, 0x80, 0xff),
  missing: fc.constantFrom(0, 0, 0, 0, 1, 40),
}).map(({ base, off, time, chunks, delta, missing }) => {
  const symbols = chunks.flatMap(symbolsOf);
  const bytes = symbols.reduce((sum, size) => sum + (size < 3 ? size : 0), 0);
  const count = Math.max(0, symbols.length + off) & 0xffff;
  return Uint8Array.from([
    ...[base >> 8, base, count >> 8, count],
    ...[time >>> 24, time >>> 16, time >>> 8, time],
    ...chunks.flatMap((chunk) => [chunk >> 8, chunk]),
    ...Array(Math.max(0, Math.min(bytes, 9_000) - missing)).fill(delta),
  ]);
});

function symbolsOf(chunk: number): number[] {
  if (!(chunk & 0x8000)) return Array(chunk & 0x1fff).fill(chunk >> 13 & 3);
  const [bits, count] = chunk & 0x4000 ? [2, 7] : [1, 14];
  return Array.from(
    { length: count },
    (_, i) => chunk >> (14 - bits * (i + 1)) & ((1 << bits) - 1),
  );
}

const NOTHING = fc.constant(new Uint8Array());
const junk = fc.uint8Array({ maxLength: 64 });

/** By how often, its type and count or message type: words, and the rest. */
const KINDS: [
  weight: number,
  type: number,
  count: number,
  words: fc.Arbitrary<number[]>,
  rest?: fc.Arbitrary<Uint8Array>,
][] = [
  [3, 200, 1, fields(ssrc, ...Array(5).fill(anyWord), blocks)], // SR
  [2, 201, 1, fields(ssrc, blocks)], // RR
  [1, 202, 1, fields(ssrc), junk], // SDES
  [1, 203, 1, many(5, ssrc), junk], // BYE
  [1, 204, 0, fields(ssrc, words(4)), junk], // APP
  [4, 205, 1, fields(ssrc, ssrc, many(60, anyWord))], // NACK
  [5, 205, 15, fields(ssrc, ssrc), anyTransportWide],
  [1, 205, 3, fields(ssrc, ssrc, words(6))], // TMMBR
  [2, 206, 1, fields(ssrc, ssrc)], // PLI
  [1, 206, 2, fields(ssrc, ssrc, words(3))], // SLI
  [1, 206, 4, fields(ssrc, ssrc, many(9, ssrc, anyWord))], // FIR
  [
    2,
    206,
    15,
    // REMB: a name, the number of SSRCs and a bitrate, SSRCs.
    fields(
      ssrc,
      fc.constant(0),
      fc.constant(0x52454d42),
      anyWord,
      many(4, ssrc),
    ),
  ],
  [1, 207, 0, fields(ssrc, words(20))], // XR
  [1, 209, 0, words(4), junk],
];

const anyRtcp: fc.Arbitrary<ModelRtcp> = fc.oneof(
  ...KINDS.map(([weight, type, count, words, rest = NOTHING]) => ({
    weight,
    arbitrary: fc.record({
      ...{ type: fc.constant(type), words, rest },
      count: fc.oneof(
        { arbitrary: fc.constant(count), weight: 9 },
        fc.nat(31),
      ),
      lengthOff: fc.oneof(
        { arbitrary: fc.constant(0), weight: 19 },
        fc.constantFrom(-9, -2, -1, 1, 2, 60_000),
      ),
      padding: fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 9 },
        fc.constantFrom(0, 1, 4, 8, 60, 255),
      ),
    }),
  })),
);

/** A compound, mostly of few packets; now and then one comes many times. */
export const anyCompound: fc.Arbitrary<ModelRtcp[]> = fc.oneof(
  {
    arbitrary: fc.array(anyRtcp, { minLength: 1, maxLength: 6, size: "max" }),
    weight: 9,
  },
  fc.tuple(anyRtcp, fc.integer({ min: 7, max: 800 }))
    .map(([packet, times]) => Array<ModelRtcp>(times).fill(packet)),
);

/** Largest that a datagram can have in it, SRTCP beside it. */
const MAX_BYTES = 65_400;

/** Writes a compound as it goes over the wire, but for its encryption. */
export function writeCompound(
  packets: readonly ModelRtcp[],
  ssrcs: Ssrcs,
): Uint8Array<ArrayBuffer> {
  const compound = new Uint8Array(MAX_BYTES);
  let length = 0;
  for (const packet of packets) {
    const written = writeRtcp(packet, ssrcs);
    if (length + written.length > MAX_BYTES) break;
    compound.set(written, length);
    length += written.length;
  }
  return compound.slice(0, length);
}

function writeRtcp(
  { type, count, words, rest, lengthOff, padding }: ModelRtcp,
  ssrcs: Ssrcs,
): Uint8Array {
  const places = new Map(
    Object.entries(PLACES).map(([name, place]) => [
      place,
      ssrcs[name as keyof Ssrcs],
    ]),
  );
  const head = 4 + 4 * words.length;
  const bytes = new Uint8Array(head + (rest.length + 3 & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80 | count | (padding === undefined ? 0 : 0x20));
  view.setUint8(1, type);
  view.setUint16(2, Math.max(0, bytes.length / 4 - 1 + lengthOff));
  words.forEach((word, i) =>
    view.setUint32(4 + 4 * i, places.get(word) ?? word)
  );
  bytes.set(rest, head);
  if (padding !== undefined) bytes[bytes.length - 1] = padding;
  return bytes;
}

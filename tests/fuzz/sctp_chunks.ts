/** SCTP packets of every chunk there is, in no order that anybody sends. */
import fc from "fast-check";
import { CHUNK, paddedLength } from "../../lib/transport/sctp/packet.ts";

/** A number of 1, 2 or 4 bytes, as far from what is right as `plus`. */
export interface Word {
  of: "tsn" | "peerTsn" | "request" | "response" | "sequence" | "none";
  plus: number;
  bytes: 1 | 2 | 4;
}

export interface ModelChunk {
  type: number;
  flags: number;
  words: Word[];
  /** Put after the words. */
  rest: Uint8Array;
  /** How wrong the length is. */
  lengthOff: number;
}

export interface ModelPacket {
  chunks: ModelChunk[];
  tag: "right" | "own" | "none" | "wrong";
  isSound: boolean;
}

const far = fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff, 65_535, 4096);
/** Most are right, or nearly. */
const near = fc.oneof(
  { arbitrary: fc.constant(0), weight: 45 },
  { arbitrary: fc.integer({ min: -6, max: 40 }), weight: 14 },
  { arbitrary: far, weight: 1 },
);
const number16 = fc.oneof(fc.nat(9), fc.constantFrom(255, 0x7fff, 0xffff));

const of = (of: Word["of"], bytes: 2 | 4 = 4) =>
  near.map((plus): Word => ({ of, plus, bytes }));
const word = (values: fc.Arbitrary<number>, bytes: 1 | 2 | 4 = 4) =>
  values.map((plus): Word => ({ of: "none", plus, bytes }));
const words = (arbitrary: fc.Arbitrary<Word>, maxLength: number) =>
  fc.array(arbitrary, { maxLength });
const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength });

/** DATA_CHANNEL_OPEN (RFC 8832 section 5.1) with lengths that may lie. */
const anyOpen = fc.tuple(
  fc.constantFrom(0, 1, 2, 0x80, 0x81, 0x82, 0x7f),
  number16,
  number16,
  fc.constantFrom("points", "", "x".repeat(300), "__proto__", "\0"),
  fc.constantFrom("pointwire.v1", "", "constructor"),
  fc.boolean(),
).map(([type, label, protocol, name, of, isRight]) => {
  const text = new TextEncoder().encode(name + of);
  const [a, b] = isRight ? [name.length, of.length] : [label, protocol];
  return Uint8Array.of(
    ...[3, type, 0, 0, 0, 0, 0, 0],
    ...[a >> 8, a & 255, b >> 8, b & 255],
    ...text,
  );
});

/** What data has in it: a payload protocol (RFC 8831 section 8), and bytes. */
const anyMessage = fc.oneof(
  {
    arbitrary: fc.tuple(fc.constant(50), anyOpen),
    weight: 4,
  },
  fc.tuple(
    fc.constant(50),
    fc.constantFrom(...[[2], [3], [2, 0, 0], [255]]
      .map((bytes) => Uint8Array.from(bytes))),
  ),
  fc.tuple(
    fc.constant(51),
    fc.constantFrom('{"type":"verify"}', '{"type":"bye"}', "{").map((text) =>
      new TextEncoder().encode(text)
    ),
  ),
  fc.tuple(
    fc.constantFrom(53, 53, 53, 51, 54, 56, 57, 0, 0xffffffff),
    fc.integer({ min: 0, max: 1200 }).map((length) => new Uint8Array(length)),
  ),
);

const stream = fc.oneof(fc.nat(5), fc.constantFrom(1023, 65_534, 65_535));
const flags = fc.oneof(
  { arbitrary: fc.constantFrom(3, 3, 2, 0, 1, 7), weight: 4 },
  fc.nat(255),
);

/** Parameters of RE-CONFIG (RFC 6525 section 4), each a list of words. */
const anyParameter = fc.tuple(
  fc.oneof(fc.integer({ min: 13, max: 18 }), number16),
  fc.oneof(
    fc.tuple(of("request"), of("response"), of("tsn"))
      .chain((head) => words(word(stream, 2), 6).map((s) => [...head, ...s])),
    fc.tuple(of("request"), word(stream, 2), word(number16, 2)),
    fc.tuple(of("response"), word(fc.constantFrom(0, 1, 2, 6, 0xffffffff))),
    words(word(far), 3),
  ),
  fc.constantFrom(0, 0, 0, 0, 0, 0, -4, 1, 400),
).map(([type, list, off]): Word[] => {
  const bytes = list.reduce((sum, { bytes }) => sum + bytes, 4);
  const short = (plus: number): Word => ({ of: "none", plus, bytes: 2 });
  const padding = Array(paddedLength(bytes) - bytes)
    .fill({ of: "none", plus: 0, bytes: 1 });
  return [short(type), short(bytes + off), ...list, ...padding];
});

/** Parameters such as heartbeats, errors and the set-up have. */
const anyParameters = fc.array(fc.tuple(number16, anyBytes(20)), {
  maxLength: 3,
}).map((all) =>
  Uint8Array.from(all.flatMap(([type, value]) => {
    const length = 4 + value.length;
    const padding = Array(paddedLength(length) - length).fill(0);
    return [type >> 8, type, 0, length, ...value, ...padding];
  }))
);

/** Tag, window, streams of both directions, TSN (RFC 9260 section 3.3.2). */
const anySetUp = fc.tuple(
  ...[word(far), word(far), word(number16, 2), word(number16, 2)],
  of("tsn"),
);

/** What each type of chunk has in it. */
const BODIES: [weight: number, type: number, fc.Arbitrary<Word[]>][] = [
  [
    8,
    CHUNK.data,
    fc.tuple(of("tsn"), word(stream, 2), of("sequence", 2)),
  ],
  [
    3,
    CHUNK.sack,
    fc.tuple(
      ...[of("peerTsn"), word(fc.oneof(fc.constant(100_000), far, number16))],
      ...[word(number16, 2), word(number16, 2)],
    ).chain((head) =>
      words(word(number16, 2), 12).map((gaps) => [...head, ...gaps])
    ),
  ],
  [
    3,
    CHUNK.reconfig,
    fc.array(anyParameter, { maxLength: 3 })
      .map((all) => all.flat()),
  ],
  [
    2,
    CHUNK.forwardTsn,
    of("tsn").chain((tsn) =>
      words(word(fc.oneof(stream, number16), 2), 8).map((all) => [tsn, ...all])
    ),
  ],
  [1, CHUNK.heartbeat, fc.constant([])],
  [1, CHUNK.heartbeatAck, fc.constant([])],
  [1, CHUNK.error, fc.constant([])],
  [1, CHUNK.init, anySetUp],
  [1, CHUNK.initAck, anySetUp],
  [1, 10, fc.constant([])], // COOKIE ECHO
  [1, 11, fc.constant([])], // COOKIE ACK
];

/** SHUTDOWN, its ACK and COMPLETE, and ABORT: few, as they end it. */
const ENDS = [7, 8, 14, CHUNK.abort];
/**
 * Types that nobody knows, of each meaning of the upper two bits (RFC 9260
 * section 3.2), and those of extensions.
 */
const UNKNOWN = [
  0x3e,
  0x7e,
  0xbe,
  0xfe,
  64,
  0x80,
  0xc1,
  0x84,
  0xc2,
  12,
  13,
  15,
];

const anyChunk: fc.Arbitrary<ModelChunk> = fc.record({
  kind: fc.oneof(
    ...BODIES.map(([weight, type, list]) => ({
      arbitrary: fc.tuple(fc.constant(type), list),
      weight: 6 * weight,
    })),
    {
      arbitrary: fc.tuple(fc.constantFrom(...UNKNOWN), words(word(far), 4)),
      weight: 12,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...ENDS), words(of("peerTsn"), 1)),
      weight: 1,
    },
  ),
  flags,
  message: anyMessage,
  junk: fc.oneof({ arbitrary: anyParameters, weight: 4 }, anyBytes(60)),
  lengthOff: fc.oneof(
    { arbitrary: fc.constant(0), weight: 19 },
    fc.constantFrom(-60_000, -9, -4, -1, 1, 4, 40, 60_000),
  ),
}).map(({ kind: [type, words], message: [protocol, bytes], junk, ...more }) => {
  const isData = type === CHUNK.data;
  return {
    ...{ ...more, type },
    words: isData
      ? [...words, { of: "none", plus: protocol, bytes: 4 }]
      : [...words],
    rest: isData ? bytes : words.length > 1 ? new Uint8Array() : junk,
  };
});

/** Any packet; most are sound, and of few chunks. */
export const anyPacket: fc.Arbitrary<ModelPacket> = fc.record({
  chunks: fc.array(anyChunk, { minLength: 1, maxLength: 5, size: "max" }),
  tag: fc.oneof(
    { arbitrary: fc.constant("right" as const), weight: 18 },
    fc.constantFrom("own" as const, "none" as const, "wrong" as const),
  ),
  isSound: fc.oneof(
    { arbitrary: fc.constant(true), weight: 39 },
    fc.constant(false),
  ),
});

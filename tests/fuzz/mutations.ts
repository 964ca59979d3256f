/** What a real message is turned into: small changes that parsers stumble over. */
import fc from "fast-check";

/** Places are shares of the message's length, so that they fit any. */
export type Mutation =
  | { kind: "flip"; at: number; bit: number }
  | { kind: "cut"; at: number }
  | { kind: "remove"; from: number; share: number }
  | { kind: "repeat"; from: number; share: number; times: number }
  | { kind: "splice"; other: number; at: number; from: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "number"; at: number; bytes: 1 | 2 | 4; value: number }
  | { kind: "digits"; nth: number; text: string }
  | { kind: "line"; nth: number; what: "drop" | "double" | "first" };

/** Larger messages would only take longer. */
const MAX_BYTES = 256 * 1024;

const place = fc.double({ min: 0, max: 1, noNaN: true });
/** The beginning is where the headers are. */
const at = fc.oneof(place, place.map((share) => share ** 6));
const small = fc.double({ min: 0, max: 0.2, noNaN: true });

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000];
const EXTREME_WORDS = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const NUMBERS = [
  ...["0", "-1", "1", "65535", "65536", "2147483648", "4294967295"],
  ...["4294967296", "9007199254740993", "99999999999999999999", "1e308"],
  ...["NaN", "Infinity", "", "0x10", "1.5", "00000000001"],
];

const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("flip"), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("cut"), at }),
  fc.record({ kind: fc.constant("remove"), from: at, share: small }),
  fc.record({
    kind: fc.constant("repeat"),
    from: at,
    share: small,
    times: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ kind: fc.constant("splice"), other: fc.nat(99), at, from: at }),
  fc.record({
    kind: fc.constant("insert"),
    at,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    kind: fc.constant("number"),
    at,
    bytes: fc.constantFrom(1, 2, 4),
    value: fc.constantFrom(...EXTREMES, ...EXTREME_WORDS),
  }),
  fc.record({
    kind: fc.constant("digits"),
    nth: fc.nat(60),
    text: fc.constantFrom(...NUMBERS),
  }),
  fc.record({
    kind: fc.constant("line"),
    nth: fc.nat(60),
    what: fc.constantFrom("drop", "double", "first"),
  }),
) as fc.Arbitrary<Mutation>;

/** A message of a corpus, and what is done to it. */
export interface Mutant {
  base: number;
  mutations: Mutation[];
}

/** Any message of a corpus, mostly with one to four mutations, or none. */
export const anyMutant: fc.Arbitrary<Mutant> = fc.record({
  base: fc.nat(9999),
  mutations: fc.array(anyMutation, { maxLength: 4, size: "max" }),
});

/** Makes the message. */
export function mutate(
  corpus: readonly Uint8Array[],
  { base, mutations }: Mutant,
): Uint8Array<ArrayBuffer> {
  const pick = (index: number) => corpus[index % corpus.length];
  return mutations.reduce(
    (bytes, mutation) => apply(bytes, mutation, pick).slice(0, MAX_BYTES),
    Uint8Array.from(pick(base)),
  );
}

function apply(
  bytes: Uint8Array<ArrayBuffer>,
  mutation: Mutation,
  pick: (index: number) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = bytes;
  const index = (share: number) => Math.min(length, Math.floor(share * length));
  switch (mutation.kind) {
    case "flip":
      if (length > 0) {
        bytes[Math.min(length - 1, index(mutation.at))] ^= 1 << mutation.bit;
      }
      return bytes;
    case "cut":
      return bytes.slice(0, index(mutation.at));
    case "remove": {
      const from = index(mutation.from);
      const end = from + 1 + index(mutation.share);
      return join(bytes.subarray(0, from), bytes.subarray(end));
    }
    case "repeat": {
      const from = index(mutation.from);
      const end = Math.min(length, from + 1 + index(mutation.share));
      const part = bytes.subarray(from, end);
      const parts = Array.from({ length: mutation.times }, () => part);
      return join(bytes.subarray(0, end), ...parts, bytes.subarray(end));
    }
    case "splice": {
      const other = pick(mutation.other);
      const from = Math.floor(mutation.from * other.length);
      return join(bytes.subarray(0, index(mutation.at)), other.subarray(from));
    }
    case "insert": {
      const place = index(mutation.at);
      const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
      return join(head, mutation.bytes, tail);
    }
    case "number": {
      const start = index(mutation.at);
      for (let i = 0; i < mutation.bytes && start + i < length; i++) {
        bytes[start + i] = mutation.value >>> 8 * i;
      }
      return bytes;
    }
    case "digits":
      return changeDigits(bytes, mutation.nth, mutation.text);
    case "line":
      return changeLine(bytes, mutation.nth, mutation.what);
  }
}

function changeDigits(
  bytes: Uint8Array<ArrayBuffer>,
  nth: number,
  text: string,
): Uint8Array<ArrayBuffer> {
  const start = latin1(bytes.subarray(0, 4096));
  const numbers = [...start.matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const { index, 0: digits } = numbers[nth % numbers.length];
  const inserted = new TextEncoder().encode(text);
  const rest = bytes.subarray(index + digits.length);
  return join(bytes.subarray(0, index), inserted, rest);
}

function changeLine(
  bytes: Uint8Array<ArrayBuffer>,
  nth: number,
  what: "drop" | "double" | "first",
): Uint8Array<ArrayBuffer> {
  const lines = [...latin1(bytes.subarray(0, 8192)).matchAll(/[^\n]*\n/g)];
  if (lines.length === 0) return bytes;
  const { index, 0: { length } } = lines[nth % lines.length];
  const line = bytes.subarray(index, index + length);
  const before = bytes.subarray(0, index);
  const after = bytes.subarray(index + length);
  switch (what) {
    case "drop":
      return join(before, after);
    case "double":
      return join(before, line, line, after);
    case "first":
      return join(line, before, after);
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

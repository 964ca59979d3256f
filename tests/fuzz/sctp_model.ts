/**
 * A small model of one who sends over an association as RFC 9260 has it, and of
 * the network between: what is sent whole must come once, and in order.
 */
import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { DATA_FLAG, type DataChunk } from "../../lib/transport/sctp/packet.ts";
import { wrapTsn } from "../../lib/transport/sctp/tsn.ts";

/** A message, and whether its sender gives it up (RFC 3758). */
interface ModelMessage {
  stream: number;
  bytes: number;
  parts: number;
  unordered: boolean;
  /** A part of what is given up may still come, late. */
  fate: "sent" | "given up" | "given up, and late";
}

/** Messages on their way at once; all is settled at its end. */
export interface Stretch {
  messages: ModelMessage[];
  /** How many chunks may overtake one, of each in turn. */
  delays: number[];
  /** Chunks that come a second time, by their places. */
  again: number[];
  /** Chunks in a packet, of each in turn. */
  bundles: number[];
  /** What goes along with each packet in turn, by its place in a list. */
  beside: number[];
  /** A stream that is reset at the end, if any (RFC 6525). */
  reset: number | undefined;
}

/** What an association does, from its first chunk on. */
export interface Course {
  initialTsn: number;
  /** Messages that were given up on each stream before: 16 bits end. */
  skipped: number;
  stretches: Stretch[];
}

/** Streams that the model sends on. */
export const STREAMS = [2, 4, 6, 65_534];
/** What each message has in front: which it is. */
const ID_BYTES = 4;

const anyMessage: fc.Arbitrary<ModelMessage> = fc.record({
  stream: fc.constantFrom(...STREAMS),
  bytes: fc.oneof(
    fc.integer({ min: 5, max: 300 }),
    fc.integer({ min: 5, max: 5000 }),
  ),
  parts: fc.integer({ min: 1, max: 5 }),
  unordered: fc.boolean(),
  fate: fc.oneof(
    { arbitrary: fc.constant("sent" as const), weight: 6 },
    fc.constantFrom("given up" as const, "given up, and late" as const),
  ),
});

export const anyStretch: fc.Arbitrary<Stretch> = fc.record({
  messages: fc.array(anyMessage, { minLength: 1, maxLength: 12, size: "max" }),
  delays: fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
  again: fc.array(fc.nat(99), { maxLength: 5 }),
  bundles: fc.array(fc.integer({ min: 1, max: 5 }), {
    minLength: 1,
    maxLength: 4,
  }),
  beside: fc.array(fc.nat(99), { minLength: 1, maxLength: 6 }),
  reset: fc.option(fc.constantFrom(...STREAMS), { nil: undefined }),
});

export const anyCourse: fc.Arbitrary<Course> = fc.record({
  initialTsn: fc.oneof(
    fc.constantFrom(0, 1, 0x7ffffff0, 0x80000000, 0xfffffff0, 0xffffffff),
    fc.integer({ min: 0, max: 0xffffffff }),
  ),
  skipped: fc.constantFrom(0, 0, 0x7ffe, 0xfff8, 0xffff),
  stretches: fc.array(anyStretch, { minLength: 1, maxLength: 4, size: "max" }),
});

/** What is given up, as FORWARD TSN says it. */
export interface Forward {
  tsn: number;
  streams: [id: number, sequence: number][];
}

/** One packet as it comes: chunks, or what is given up. */
export type Arrival = DataChunk[] | Forward;

/** One who sends. */
export class ModelSender {
  #tsn: number;
  #id = 0;
  readonly #sequences = new Map<number, number>();
  /** Of each stream, the messages that must come. */
  readonly #due = new Map<number, { ordered: number[]; loose: number[] }>();

  constructor(initialTsn: number) {
    this.#tsn = initialTsn;
  }

  /** The last TSN that was sent, on the wire. */
  get lastTsn(): number {
    return wrapTsn(this.#tsn - 1);
  }

  /** Gives up so many messages on each stream at once, of one chunk each. */
  skip(count: number): Forward[] {
    const forwards: Forward[] = [];
    // Of two sequence numbers the later is known where they are that near.
    for (let at = 0; at < count;) {
      const to = Math.min(count, at + 0x7fff);
      this.#tsn += (to - at) * STREAMS.length;
      const streams = STREAMS.map((id): [number, number] => [id, to - 1]);
      forwards.push({ tsn: this.lastTsn, streams });
      at = to;
    }
    for (const stream of STREAMS) this.#sequences.set(stream, count);
    return forwards;
  }

  /** A chunk of its own, of an ordered message that is no part of the model. */
  single(streamId: number, protocol: number, userData: Uint8Array): DataChunk {
    return {
      ...{ flags: DATA_FLAG.beginning | DATA_FLAG.ending, streamId, protocol },
      ...{ tsn: wrapTsn(this.#tsn++), userData },
      streamSequence: this.#takeSequence(streamId),
    };
  }

  /** Sends messages, and has the network mix them up. */
  play({ messages, delays, again, bundles }: Stretch): Arrival[] {
    const chunks: DataChunk[] = [];
    const late: DataChunk[] = [];
    const given = new Map<number, number>();
    let isForwarded = false;
    for (const message of messages) {
      const parts = this.#send(message);
      if (message.fate === "sent") chunks.push(...parts);
      else {
        isForwarded = true;
        // Without its first part it never gets whole.
        chunks.push(...parts.slice(1));
        if (message.fate === "given up, and late") late.push(parts[0]);
        const { stream, unordered } = message;
        if (!unordered) given.set(stream, parts[0].streamSequence);
      }
    }
    const ways = chunks.map((chunk, i) => ({
      chunk,
      at: i + delays[i % delays.length],
    }));
    for (const place of chunks.length > 0 ? again : []) {
      const index = place % chunks.length;
      ways.push({ chunk: chunks[index], at: index + place / 3 });
    }
    const arrived = ways.sort((a, b) => a.at - b.at).map(({ chunk }) => chunk);
    const forward = { tsn: this.lastTsn, streams: [...given] };
    return [
      ...inPackets(arrived, bundles),
      ...isForwarded ? [forward] : [],
      ...late.map((chunk) => [chunk]),
      ...isForwarded ? [forward] : [],
    ];
  }

  /** Starts a stream's sequence anew. */
  reset(stream: number): void {
    this.#sequences.delete(stream);
  }

  /** Holds what came on a stream against what must have, and forgets both. */
  assertCame(stream: number, messages: readonly Uint8Array[]): void {
    const { ordered = [], loose = [] } = this.#due.get(stream) ?? {};
    this.#due.delete(stream);
    const ids = messages.map((message) => {
      const { buffer, byteOffset, length } = message;
      const id = new DataView(buffer, byteOffset).getUint32(0);
      const whole = contentOf(id, length);
      assertEquals(message.length, whole.length);
      assertEquals(message.every((byte, i) => byte === whole[i]), true);
      return id;
    });
    const isLoose = new Set(loose);
    assertEquals(ids.filter((id) => !isLoose.has(id)), ordered);
    const sorted = ids.filter((id) => isLoose.has(id)).sort((a, b) => a - b);
    assertEquals(sorted, loose);
  }

  #takeSequence(stream: number): number {
    const sequence = this.#sequences.get(stream) ?? 0;
    this.#sequences.set(stream, sequence + 1 & 0xffff);
    return sequence;
  }

  #send({ stream, bytes, parts, unordered, fate }: ModelMessage): DataChunk[] {
    const id = this.#id++;
    const content = contentOf(id, bytes);
    const due = this.#due.get(stream) ?? { ordered: [], loose: [] };
    this.#due.set(stream, due);
    if (fate === "sent") (unordered ? due.loose : due.ordered).push(id);
    const streamSequence = unordered ? 0 : this.#takeSequence(stream);
    const size = Math.ceil(bytes / parts);
    const count = Math.ceil(bytes / size);
    return Array.from({ length: count }, (_, i) => ({
      flags: (i === 0 ? DATA_FLAG.beginning : 0) |
        (i === count - 1 ? DATA_FLAG.ending : 0) |
        (unordered ? DATA_FLAG.unordered : 0),
      tsn: wrapTsn(this.#tsn++),
      ...{ streamId: stream, streamSequence, protocol: 53 },
      userData: content.slice(i * size, (i + 1) * size),
    }));
  }
}

function contentOf(id: number, bytes: number): Uint8Array {
  const content = new Uint8Array(Math.max(ID_BYTES, bytes)).fill(
    id * 7 + bytes,
  );
  new DataView(content.buffer).setUint32(0, id);
  return content;
}

/** Puts chunks into packets that a path takes. */
function inPackets(chunks: DataChunk[], bundles: number[]): DataChunk[][] {
  const packets: DataChunk[][] = [];
  for (let at = 0; at < chunks.length;) {
    let end = at + bundles[packets.length % bundles.length];
    const bytes = () =>
      chunks.slice(at, end).reduce(
        (sum, { userData }) => sum + userData.length,
        0,
      );
    while (end > at + 1 && bytes() > 1100) end--;
    packets.push(chunks.slice(at, end));
    at = end;
  }
  return packets;
}

import { assert, assertEquals, assertLess } from "@std/assert";
import { HeldBytes } from "../../../lib/limits/held_bytes.ts";
import {
  Inbound,
  RECEIVE_WINDOW_BYTES,
  SACK_DELAY_MS,
} from "../../../lib/transport/sctp/inbound.ts";

const WHOLE = 3;
const IMMEDIATE = 8;

function makeInbound(initialTsn = 1) {
  const messages: Uint8Array[] = [];
  const inbound = new Inbound(initialTsn, ({ data }) => messages.push(data));
  let sequence = 0;
  /** A packet with a message of one byte at each of the offsets. */
  const packet = (now: number, offsets: number[], flags = WHOLE) => {
    for (const offset of offsets) {
      inbound.data({
        tsn: initialTsn + offset >>> 0,
        flags: flags | 4,
        streamId: 0,
        streamSequence: sequence++,
        protocol: 53,
        userData: Uint8Array.of(offset),
      });
    }
    inbound.endPacket(now);
  };
  return { inbound, messages, packet };
}

Deno.test("Inbound acknowledges every second packet, and one alone late", () => {
  const { inbound, packet } = makeInbound();
  assertEquals(inbound.sackAt, Infinity);
  packet(1000, [0]);
  assertEquals(inbound.sackAt, 1000 + SACK_DELAY_MS);
  packet(1005, [1]);
  assertEquals(inbound.sackAt, -Infinity);
  const sack = inbound.takeSack(10);
  assertEquals(sack.cumulativeTsn, 2);
  assertEquals(sack.gaps, []);
  assertEquals(inbound.sackAt, Infinity);
  packet(1010, [2, 3, 4]);
  assertEquals(inbound.sackAt, 1010 + SACK_DELAY_MS);
});

Deno.test("Inbound acknowledges at once where something is missing or fills in", () => {
  const { inbound, packet } = makeInbound();
  packet(0, [0]);
  inbound.takeSack(10);
  packet(1, [2]);
  assertEquals(inbound.sackAt, -Infinity);
  assertEquals(inbound.takeSack(10).gaps, [[2, 2]]);
  // What goes on beyond a gap that was told is nothing new.
  packet(2, [3]);
  assertEquals(inbound.sackAt, 2 + SACK_DELAY_MS);
  packet(3, [1]);
  assertEquals(inbound.sackAt, -Infinity);
  assertEquals(inbound.takeSack(10).cumulativeTsn, 4);
});

Deno.test("Inbound acknowledges duplicates and the I bit at once", () => {
  const { inbound, packet } = makeInbound(0xffff_ffff);
  packet(0, [0, 1]);
  inbound.takeSack(10);
  packet(1, [1]);
  assertEquals(inbound.sackAt, -Infinity);
  assertEquals(inbound.takeSack(10).duplicates, [0]);
  assertEquals(inbound.takeSack(10).duplicates, []);
  packet(2, [2], WHOLE | IMMEDIATE);
  assertEquals(inbound.sackAt, -Infinity);
});

Deno.test("Inbound's window shrinks by what waits, and grows again", () => {
  const { inbound } = makeInbound();
  const data = (tsn: number, flags: number, bytes: number) =>
    inbound.data({
      tsn,
      flags,
      streamId: 0,
      streamSequence: 0,
      protocol: 53,
      userData: new Uint8Array(bytes),
    });
  data(3, 0, 1000);
  assertEquals(inbound.takeSack(10).window, RECEIVE_WINDOW_BYTES - 1000);
  // The message in progress, with nothing missing, doesn't count.
  data(1, 2, 1000);
  data(2, 0, 1000);
  assertEquals(inbound.takeSack(10).window, RECEIVE_WINDOW_BYTES);
});

Deno.test("Inbound takes a message larger than its window, and tells of it", () => {
  let chunks = 0;
  const held = new HeldBytes(64 << 20, () => exceededAt = chunks);
  let exceededAt: number | undefined;
  const inbound = new Inbound(1, () => {}, held.share());
  const userData = new Uint8Array(1 << 20);
  const chunk = { streamId: 0, streamSequence: 0, protocol: 53, userData };
  while (exceededAt === undefined) {
    chunks++;
    inbound.data({ ...chunk, tsn: chunks, flags: chunks === 1 ? 2 : 0 });
    assertEquals(inbound.takeSack(1).window, RECEIVE_WINDOW_BYTES);
  }
  // What each chunk takes besides is counted, too.
  assertEquals(exceededAt, 64);
});

Deno.test("Inbound drops what a peer sends far beyond the window", () => {
  const inbound = new Inbound(1, () => {});
  const userData = new Uint8Array(1 << 20);
  const chunk = { streamId: 0, streamSequence: 0, protocol: 53, userData };
  for (let tsn = 3; tsn < 40; tsn++) inbound.data({ ...chunk, tsn, flags: 0 });
  const { gaps, window } = inbound.takeSack(10);
  assertEquals(window, 0);
  assertEquals(gaps, [[3, 18]]);
});

Deno.test("Inbound lets few of the messages in that wait without end", () => {
  const held = new HeldBytes(32 << 20, () => assert(false));
  const inbound = new Inbound(1, () => {}, held.share());
  const userData = new Uint8Array(1);
  for (let tsn = 1; tsn < 100_000; tsn++) {
    const [streamId, streamSequence] = [tsn >> 10, 1 + (tsn & 1023)];
    const chunk = { streamId, streamSequence, protocol: 53, userData };
    inbound.data({ ...chunk, tsn, flags: WHOLE });
  }
  // The rest is not acknowledged: it has to be sent again.
  assertLess(inbound.takeSack(1).cumulativeTsn, 20_000);
});

Deno.test("Inbound.forward() skips what the peer gave up", () => {
  const { inbound, packet, messages } = makeInbound();
  packet(0, [2]);
  inbound.takeSack(10);
  inbound.forward(2, []);
  inbound.endPacket(1);
  assertEquals(inbound.sackAt, -Infinity);
  assertEquals(inbound.takeSack(10).cumulativeTsn, 3);
  assertEquals(inbound.hasAllUpTo(3), true);
  assertEquals(inbound.hasAllUpTo(4), false);
  assertEquals(messages.length, 1);
});

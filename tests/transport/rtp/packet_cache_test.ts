import { assert, assertEquals } from "@std/assert";
import {
  PacketCache,
  type SentPacket,
} from "../../../lib/transport/rtp/packet_cache.ts";

function packet(number: number, bytes = 1_000): SentPacket {
  return {
    sequenceNumber: number & 0xffff,
    timestamp: 0,
    marker: false,
    payload: new Uint8Array(1),
    datagram: new Uint8Array(bytes),
    sentAt: 0,
    sent: 1,
  };
}

/** A cache with packets, each at its number. */
function cacheOf(first: number, count: number, bytes?: number): PacketCache {
  const cache = new PacketCache();
  for (let i = 0; i < count; i++) {
    cache.add(first + i, packet(first + i, bytes));
  }
  return cache;
}

const has = (cache: PacketCache, number: number) =>
  cache.find(number, Infinity) !== undefined;

Deno.test("PacketCache finds what it was given, over the wrap", () => {
  const cache = cacheOf(131_070, 4);
  assertEquals(cache.newest, 131_073);
  for (let number = 131_070; number < 131_074; number++) {
    assertEquals(
      cache.find(number, 0)?.sequenceNumber,
      number & 0xffff,
    );
  }
  assert(!has(cache, 131_069) && !has(cache, 131_074));
  assert(!has(cache, 131_070 + 65_536));
});

Deno.test("PacketCache keeps no more packets than it may", () => {
  const cache = cacheOf(70_000, 5_000, 10);
  assert(!has(cache, 72_951) && has(cache, 72_952) && has(cache, 74_999));
});

Deno.test("PacketCache keeps no more bytes than it may", () => {
  const cache = cacheOf(70_000, 2_000, 4_096);
  const kept = Array.from({ length: 2_000 }, (_, i) => 70_000 + i)
    .filter((number) => has(cache, number));
  assertEquals(kept.length, 512);
  assertEquals(kept.at(-1), 71_999);
});

Deno.test("PacketCache has holes where its source has them", () => {
  const cache = cacheOf(70_000, 10);
  cache.add(70_012, packet(70_012));
  assert(has(cache, 70_009) && !has(cache, 70_010) && has(cache, 70_012));
  // One that is longer than what is kept.
  cache.add(100_000, packet(100_000));
  assert(!has(cache, 70_012) && has(cache, 100_000));
  assert(!has(cache, 70_012 + 2048 * 14));
});

Deno.test("A packet that is under way isn't found", () => {
  const cache = cacheOf(70_000, 1);
  // The first request is always answered: it can't be for another one.
  const found = cache.find(70_000, -100)!;
  found.sent = 2;
  found.sentAt = 50;
  assertEquals(cache.find(70_000, 49), undefined);
  assertEquals(cache.find(70_000, 50), found);
});

Deno.test("A packet isn't sent again for ever", () => {
  const cache = cacheOf(70_000, 1);
  let times = 0;
  for (; times < 100; times++) {
    const found = cache.find(70_000, Infinity);
    if (found === undefined) break;
    found.sent++;
  }
  assertEquals(times, 11);
});

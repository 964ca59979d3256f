import { assertEquals } from "@std/assert";
import { KeyframeCache } from "../../lib/media/keyframe_cache.ts";
import type { RtpPacketView } from "../../lib/media/rtp.ts";

/** A VP8 keyframe's first payload: descriptor, tag, start code, 320 x 240. */
const VP8_KEY = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0];
const VP8_INTER = [0x10, 1, 0, 0];
const VP8_MORE = [0x00, 7, 7];

function packet(
  sequenceNumber: number,
  timestamp: number,
  payload: number[],
): RtpPacketView {
  return {
    sequenceNumber,
    timestamp,
    marker: false,
    payload: Uint8Array.from(payload),
  };
}

function numbersIn(cache: KeyframeCache): number[] {
  return cache.packets.map(({ sequenceNumber }) => sequenceNumber);
}

Deno.test("KeyframeCache keeps nothing that can't be decoded", () => {
  const cache = new KeyframeCache("VP8");
  cache.push(packet(1, 0, VP8_INTER));
  cache.push(packet(2, 0, VP8_MORE));
  assertEquals(numbersIn(cache), []);
});

Deno.test("KeyframeCache keeps all since the newest keyframe", () => {
  const cache = new KeyframeCache("VP8");
  cache.push(packet(1, 0, VP8_KEY));
  cache.push(packet(2, 0, VP8_MORE));
  cache.push(packet(3, 9000, VP8_INTER));
  assertEquals(numbersIn(cache), [1, 2, 3]);
  cache.push(packet(4, 18_000, VP8_KEY));
  assertEquals(numbersIn(cache), [4]);
  cache.push(packet(5, 27_000, VP8_INTER));
  assertEquals(numbersIn(cache), [4, 5]);
});

Deno.test("KeyframeCache keeps H.264's parameter sets with their picture", () => {
  const cache = new KeyframeCache("H264");
  const [sps, pps, idr, slice] = [[0x67, 66], [0x68, 1], [0x65, 1], [0x41, 1]];
  cache.push(packet(1, 0, sps));
  cache.push(packet(2, 0, pps));
  cache.push(packet(3, 0, idr));
  cache.push(packet(4, 9000, slice));
  assertEquals(numbersIn(cache), [1, 2, 3, 4]);
  cache.push(packet(5, 18_000, sps));
  cache.push(packet(6, 18_000, idr));
  assertEquals(numbersIn(cache), [5, 6]);
});

Deno.test("KeyframeCache gives up a keyframe that goes on for too long", () => {
  const cache = new KeyframeCache("VP8");
  cache.push(packet(0, 0, VP8_KEY));
  const large = Array<number>(1200).fill(0);
  for (let i = 1; i < 4000; i++) cache.push(packet(i, i, large));
  assertEquals(numbersIn(cache), []);
  cache.push(packet(4000, 5000, VP8_KEY));
  assertEquals(numbersIn(cache), [4000]);
});

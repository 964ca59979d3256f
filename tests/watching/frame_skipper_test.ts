import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { FrameSkipper } from "../../lib/watching/frame_skipper.ts";

/** H.264 at 25 frames a second, every second one of which nobody needs. */
const PERIOD_MS = 40;
const PACKETS = 4;
const PACKET_BYTES = 1000;

/** Sends so many milliseconds; returns which frames were taken, whole. */
function send(
  skipper: FrameSkipper,
  { from, ms, limit }: { from: number; ms: number; limit: number },
): boolean[] {
  const taken: boolean[] = [];
  for (let frame = from / PERIOD_MS; frame * PERIOD_MS < from + ms; frame++) {
    const isNeeded = frame % 2 === 0;
    const takes = Array.from({ length: PACKETS }, (_, i) => {
      const payload = new Uint8Array(PACKET_BYTES);
      // FU-A: the first one begins the slice.
      payload[0] = isNeeded ? 0x5c : 0x1c;
      payload[1] = i === 0 ? 0x81 : 0x01;
      return skipper.takes(
        {
          sequenceNumber: frame * PACKETS + i & 0xffff,
          timestamp: frame * 3600,
          marker: i === PACKETS - 1,
          payload,
        },
        () => ({ rate: RATE, limit }),
        frame * PERIOD_MS,
      );
    });
    assertEquals(new Set(takes).size, 1, "a frame was cut");
    taken.push(takes[0]);
  }
  return taken;
}

const RATE = PACKETS * PACKET_BYTES / PERIOD_MS;
const share = (taken: boolean[]) => taken.filter(Boolean).length / taken.length;

Deno.test("FrameSkipper takes all while there is room", () => {
  const skipper = new FrameSkipper("H264");
  const taken = send(skipper, { from: 0, ms: 10_000, limit: 1.1 * RATE });
  assertEquals(share(taken), 1);
});

Deno.test("FrameSkipper leaves out what nobody needs, and comes back", () => {
  const skipper = new FrameSkipper("H264");
  const narrow = send(skipper, { from: 0, ms: 10_000, limit: 0.7 * RATE });
  assertEquals(share(narrow.slice(50)), 0.5);
  assertEquals(narrow.filter((_, i) => i % 2 === 0).every(Boolean), true);
  // Barely enough is not enough: it would swing.
  const barely = send(skipper, {
    from: 10_000,
    ms: 10_000,
    limit: 1.05 * RATE,
  });
  assertLess(share(barely), 0.6);
  const wide = send(skipper, { from: 20_000, ms: 10_000, limit: 2 * RATE });
  assertGreater(share(wide), 0.8);
  assertEquals(share(wide.slice(-100)), 1);
});

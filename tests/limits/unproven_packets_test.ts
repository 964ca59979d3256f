import { assert, assertEquals } from "@std/assert";
import { UnprovenPackets } from "../../lib/limits/unproven_packets.ts";

/** Takes all that there are for an offerer, and counts them. */
function takeAll(packets: UnprovenPackets, offerer: string): number {
  let count = 0;
  while (packets.take(offerer)) assert(++count < 1e5);
  return count;
}

Deno.test("UnprovenPackets leaves an offerer what another doesn't take", () => {
  const packets = new UnprovenPackets(1, () => 0);
  assertEquals(takeAll(packets, "192.0.2.1"), 600);
  assertEquals(takeAll(packets, "192.0.2.2"), 400);
  assertEquals(takeAll(packets, "192.0.2.3"), 0);
});

Deno.test("UnprovenPackets come again with time, and the server's are the most", () => {
  let now = 0;
  const packets = new UnprovenPackets(1, () => now);
  takeAll(packets, "192.0.2.1");
  now += 500;
  assertEquals(takeAll(packets, "192.0.2.1"), 100);
  now += 60_000;
  const offerers = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}`);
  const all = offerers.map((offerer) => takeAll(packets, offerer));
  assertEquals(all.reduce((sum, each) => sum + each), 1000);
});

Deno.test("Workers share the server's unproven packets", () => {
  const packets = new UnprovenPackets(4, () => 0);
  assertEquals(takeAll(packets, "192.0.2.1"), 150);
  assertEquals(takeAll(packets, "192.0.2.2"), 100);
});

Deno.test("UnprovenPackets count an offerer by its IPv6 network", () => {
  const packets = new UnprovenPackets(1, () => 0);
  assertEquals(takeAll(packets, "2001:db8::1"), 600);
  assertEquals(takeAll(packets, "2001:db8::2"), 0);
});

import { assert, assertEquals } from "@std/assert";
import {
  patienceFor,
  RepairRequests,
} from "../../../lib/transport/rtp/repair_requests.ts";

const RTT = 40;

/** The packets that are missing, each with the time since when. */
const missing = (...packets: [number, number][]) =>
  packets.map(([number, since]) => ({ number, since }));

/** Has time pass until something is asked for; fails where nothing ever is. */
function nextRequest(repairs: RepairRequests, lost: [number, number][]) {
  const at = repairs.wakeAt;
  assert(at < Infinity);
  return { at, numbers: repairs.due(missing(...lost), at, RTT) };
}

Deno.test("A packet is asked for when it is no longer only late", () => {
  const repairs = new RepairRequests();
  assertEquals(repairs.due(missing([7, 100]), 100, RTT), []);
  assertEquals(nextRequest(repairs, [[7, 100]]), { at: 105, numbers: [7] });
});

Deno.test("A packet is asked for again once a round trip", () => {
  const repairs = new RepairRequests();
  repairs.due(missing([7, 0]), 0, RTT);
  const times: number[] = [];
  for (let now = 0; now < 300; now++) {
    if (repairs.due(missing([7, 0]), now, RTT).length > 0) times.push(now);
  }
  assertEquals(times, [5, 55, 105, 155, 205, 255]);
});

Deno.test("A packet that comes in time isn't asked for", () => {
  const repairs = new RepairRequests();
  assertEquals(repairs.due(missing([7, 0]), 0, RTT), []);
  assertEquals(repairs.due(missing(), 4, RTT), []);
  assert(repairs.isEmpty);
  assertEquals(repairs.wakeAt, Infinity);
});

Deno.test("How late packets are is learned, and forgotten again", () => {
  const repairs = new RepairRequests();
  const firstAsk = (number: number, since: number) => {
    repairs.due(missing([number, since]), since, RTT);
    return repairs.wakeAt - since;
  };
  // It was asked for after 5 ms, and came long before an answer could.
  firstAsk(1, 0);
  repairs.due(missing([1, 0]), 5, RTT);
  repairs.due(missing(), 25, RTT);
  const learned = firstAsk(2, 1_000);
  assert(learned > 20 && learned <= 31, `${learned} ms`);
  repairs.due(missing(), 1_001, RTT);
  // However late one is, it isn't waited for longer than that.
  firstAsk(3, 2_000);
  repairs.due(missing(), 3_000, RTT);
  assertEquals(firstAsk(4, 4_000), 50);
  for (let i = 5; i < 300; i++) {
    firstAsk(i, 1_000 * i);
    repairs.due(missing(), 1_000 * i + 1, RTT);
  }
  assertEquals(firstAsk(300, 300_000), 5);
});

Deno.test("What was sent again teaches nothing of order", () => {
  const repairs = new RepairRequests();
  repairs.due(missing([1, 0]), 0, RTT);
  repairs.due(missing([1, 0]), 5, RTT);
  repairs.due(missing(), 5 + RTT, RTT);
  repairs.due(missing([2, 100]), 100, RTT);
  assertEquals(repairs.wakeAt, 105);
});

Deno.test("Numbers on the wire wrap; those that are known don't", () => {
  const repairs = new RepairRequests();
  const lost: [number, number][] = [[131_070, 0], [131_071, 0], [131_072, 0]];
  repairs.due(missing(...lost), 0, RTT);
  assertEquals(nextRequest(repairs, lost).numbers, [65_534, 65_535, 0]);
  repairs.due(missing(), 60, RTT);
  // The same number a turn later is another packet.
  const later: [number, number][] = [[131_072 + 65_534, 100]];
  repairs.due(missing(...later), 100, RTT);
  assertEquals(nextRequest(repairs, later), { at: 105, numbers: [65_534] });
});

Deno.test("Packets are asked for in portions, and none of them twice", () => {
  const repairs = new RepairRequests();
  const lost = Array.from({ length: 600 }, (_, i): [number, number] => [i, 0]);
  repairs.due(missing(...lost), 0, RTT);
  const asked = [0, 1, 2].flatMap(() => nextRequest(repairs, lost).numbers);
  assertEquals(asked, lost.map(([number]) => number));
  assertEquals(nextRequest(repairs, lost).at, 5 + RTT + 10);
});

Deno.test("Patience is some round trips, within bounds", () => {
  assertEquals(patienceFor(0), 400);
  assertEquals(patienceFor(100), 540);
  assertEquals(patienceFor(150), 740);
  assertEquals(patienceFor(10_000), 1_000);
});

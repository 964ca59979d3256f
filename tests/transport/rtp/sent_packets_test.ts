import { assertEquals } from "@std/assert";
import { Arrivals } from "../../../lib/transport/rtp/arrivals.ts";
import { SentPackets } from "../../../lib/transport/rtp/sent_packets.ts";

/** Sends packets, of which some come 10 ms later. */
function exchange(
  sent: SentPackets,
  arrivals: Arrivals,
  packets: number,
  comes: (i: number) => boolean,
  at = 0,
) {
  for (let i = 0; i < packets; i++) {
    const number = sent.add(100 + i, at + i);
    if (comes(i)) arrivals.add(number, at + i + 10);
  }
  return [...arrivals.take()].map((body) => sent.acknowledge(body)!);
}

Deno.test("SentPackets knows what came, and how long it took", () => {
  const sent = new SentPackets();
  const [delivery] = exchange(sent, new Arrivals(), 4, (i) => i !== 1);
  const packet = (i: number) => ({
    sentAt: i,
    arrival: i + 10,
    bytes: 100 + i,
    isLate: false,
  });
  assertEquals(delivery, { delivered: [0, 2, 3].map(packet), lost: 1 });
});

Deno.test("SentPackets counts on where the numbers wrap", () => {
  const sent = new SentPackets();
  const arrivals = new Arrivals();
  let [delivered, lost] = [0, 0];
  for (let round = 0; round < 1_500; round++) {
    const comes = (i: number) => i % 10 !== 3;
    for (const each of exchange(sent, arrivals, 100, comes, 100 * round)) {
      delivered += each.delivered.length;
      lost += each.lost;
      for (const { sentAt, arrival } of each.delivered) {
        assertEquals(arrival - sentAt, 10);
      }
    }
  }
  assertEquals([delivered, lost], [135_000, 15_000]);
});

Deno.test("A packet that comes after all says nothing of how long it took", () => {
  const sent = new SentPackets();
  const arrivals = new Arrivals();
  exchange(sent, arrivals, 3, (i) => i !== 1);
  arrivals.add(1, 300);
  const [body] = [...arrivals.take()];
  const late = { sentAt: 1, arrival: 300, bytes: 101, isLate: true };
  assertEquals(sent.acknowledge(body), { delivered: [late], lost: 0 });
  // Nor is it delivered or lost a second time.
  assertEquals(sent.acknowledge(body), { delivered: [], lost: 0 });
});

Deno.test("A packet is lost once, however often that is told", () => {
  const sent = new SentPackets();
  for (let i = 0; i < 3; i++) sent.add(100, i);
  const missing = Uint8Array.of(0, 0, 0, 3, 0, 0, 1, 0, 0, 3, 0, 0);
  assertEquals(sent.acknowledge(missing)?.lost, 3);
  assertEquals(sent.acknowledge(missing)?.lost, 0);
});

Deno.test("Packets that were never sent are not delivered", () => {
  const sent = new SentPackets();
  sent.add(100, 0);
  // Twenty from number 0 on, and some from before all.
  const ones = Array(20).fill(1);
  const beyond = Uint8Array.of(0, 0, 0, 20, 0, 0, 1, 0, 0x20, 20, ...ones);
  assertEquals(sent.acknowledge(beyond)?.delivered.length, 1);
  const before = Uint8Array.of(0xff, 0, 0, 20, 0, 0, 1, 0, 0x20, 20, ...ones);
  assertEquals(sent.acknowledge(before), { delivered: [], lost: 0 });
  assertEquals(sent.acknowledge(new Uint8Array(7)), undefined);
});

Deno.test("What is told of too late is forgotten", () => {
  const sent = new SentPackets();
  for (let i = 0; i < 9_000; i++) sent.add(100, i);
  const first = Uint8Array.of(0, 0, 0, 2, 0, 0, 1, 0, 0x20, 2, 1, 1);
  assertEquals(sent.acknowledge(first), { delivered: [], lost: 0 });
});

Deno.test("A flood of feedback is read in part, and honest feedback after it", () => {
  const sent = new SentPackets();
  for (let i = 0; i < 10_000; i++) sent.add(100, i);
  // 8191 packets in 12 bytes.
  const flood = Uint8Array.of(0, 0, 0x1f, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0, 0);
  const read = Array.from({ length: 1_000 }, () => sent.acknowledge(flood))
    .filter((delivery) => delivery !== undefined);
  assertEquals(read.length, 2);
  for (let i = 0; i < 100; i++) sent.add(100, 10_000 + i);
  const honest = Uint8Array.of(0x27, 0x10, 0, 1, 0, 0, 1, 0, 0x20, 1, 1, 0);
  assertEquals(sent.acknowledge(honest)?.delivered.length, 1);
});

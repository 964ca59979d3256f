/** How fast a start is, and what it costs the queues on its way. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { AckSample } from "../../../lib/transport/sctp/congestion.ts";
import { Ramp } from "../../../lib/transport/sctp/ramp.ts";
import {
  Flow,
  type LinkOptions,
  SimulatedLink,
  Simulation,
} from "./simulation.ts";

const PACKET = 1000;
const RTT = 100;

/** A ramp of 1000 bytes a millisecond, and acknowledgements for it. */
class Ramped {
  readonly ramp = new Ramp(1000, PACKET);
  #delivered = 0;

  /** Acknowledges packets that were sent after all before had come. */
  ack(packets: number, changes: Partial<AckSample> = {}): void {
    const priorDelivered = this.#delivered;
    for (let i = 0; i < packets; i++) {
      this.#delivered += PACKET;
      this.ramp.onAck({
        now: 0,
        acked: PACKET,
        lost: 0,
        lostInflight: 0,
        priorInflight: 0,
        inflight: 0,
        delivered: this.#delivered,
        priorDelivered,
        rtt: RTT,
        appLimited: false,
        ...changes,
      }, RTT);
    }
  }
}

Deno.test("Ramp grows once for each pace that arrived", () => {
  const ramped = new Ramped();
  ramped.ack(7);
  assertEquals(ramped.ramp.pace, 1000);
  // All of these were sent at the first pace.
  ramped.ack(100);
  assertEquals(ramped.ramp.pace, 2000);
  ramped.ack(8);
  assertEquals(ramped.ramp.pace, 4000);
});

Deno.test("Ramp ends at a queue, but not where one packet is late", () => {
  const ramped = new Ramped();
  ramped.ack(3, { rtt: RTT + 7 });
  ramped.ack(1);
  ramped.ack(3, { rtt: RTT + 7 });
  ramped.ack(8);
  assertEquals(ramped.ramp.pace, 2000);
  ramped.ack(4, { rtt: RTT + 7 });
  assertEquals(ramped.ramp.pace, undefined);
});

Deno.test("Ramp ends at loss, but not at that of a packet or two", () => {
  const ramped = new Ramped();
  ramped.ack(2, { lost: PACKET });
  ramped.ack(8);
  assertEquals(ramped.ramp.pace, 2000);
  ramped.ack(3, { lost: PACKET });
  assertEquals(ramped.ramp.pace, undefined);
});

/** Starts on a link of a round trip of 100 ms; a queue in milliseconds. */
function start({ queueMs = 50, ...link }: Partial<LinkOptions> & {
  queueMs?: number;
}) {
  const simulation = new Simulation();
  const { rate } = link;
  const queue = rate && rate * queueMs;
  const forward = new SimulatedLink(simulation, { delay: 50, queue, ...link });
  const backward = new SimulatedLink(simulation, {
    delay: forward.options.delay,
  });
  const initialRtt = 2 * forward.options.delay;
  const flow = new Flow(simulation, {
    ...{ forward, backward, initialRtt },
    greedy: 16_000,
  });
  let roundTrips = Infinity;
  flow.onMessage = () => {
    if (flow.received < 1e6) return;
    roundTrips = Math.min(roundTrips, simulation.now / initialRtt);
  };
  simulation.runUntil(10 * initialRtt);
  const { packets, overflowed } = forward.counters;
  return { roundTrips, lost: overflowed / packets };
}

Deno.test("1 MB is there within five round trips", () => {
  for (const delay of [20, 50, 100]) {
    for (const rate of [undefined, 12_500]) {
      const { roundTrips } = start({ delay, rate, queueMs: 100 });
      assertLess(roundTrips, 5, `${delay} ms, ${rate}`);
    }
  }
});

Deno.test("Jitter of a radio doesn't end a ramp", () => {
  assertLess(start({ jitter: 5 }).roundTrips, 5);
});

Deno.test("A start loses no more in a slow path's queue than the first window does", () => {
  // What was lost in the first ten round trips without a ramp: 338 of 1,851
  // packets at 20 Mbit/s, 94 of 564 at 5, and 179 of 265 at 1.
  for (const [mbit, most] of [[20, 0.183], [5, 0.167], [1, 0.675]]) {
    const { lost } = start({ rate: 125 * mbit });
    assertLess(lost, most, `${mbit} Mbit/s`);
  }
  // A queue as long as the round trip takes all of it.
  assertEquals(start({ rate: 2500, queueMs: 200 }).lost, 0);
  assertGreater(start({ rate: 2500, queueMs: 20 }).lost, 0);
});

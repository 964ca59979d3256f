/** Both sides together, over simulated links, in simulated time. */
import { assert, assertEquals } from "@std/assert";
import {
  Flow,
  type LinkOptions,
  OVERHEAD,
  SimulatedLink,
  Simulation,
} from "./simulation.ts";
import { Reno } from "./reno.ts";

const MESSAGE = 16_356;

function connect(
  options: LinkOptions,
  flows = 1,
  greedy = MESSAGE,
  grain = 0,
) {
  const simulation = new Simulation();
  const forward = new SimulatedLink(simulation, options);
  const back = { ...options, rate: undefined, seed: 99 };
  const backward = new SimulatedLink(simulation, back);
  const all = Array.from(
    { length: flows },
    (_, i) =>
      new Flow(simulation, { forward, backward, greedy, grain, seed: i + 1 }),
  );
  return { simulation, forward, backward, flows: all, flow: all[0] };
}

/** Share of the link's rate that came out as user data in so many seconds. */
function share(options: LinkOptions, seconds: number): number {
  const { simulation, flow } = connect(options);
  simulation.runUntil(seconds * 1000);
  return flow.received / (options.rate! * seconds * 1000);
}

/** 14 MB/s: about what one core of a sender in JavaScript does. */
const FAST = { rate: 14_000, queue: 200_000 };

Deno.test("An association fills a long path", () => {
  assert(share({ ...FAST, delay: 25 }, 8) > 0.8);
});

Deno.test("An association fills a path that loses 1 %", () => {
  assert(share({ ...FAST, delay: 25, loss: 0.01 }, 8) > 0.7);
});

Deno.test("An association holds a third of a path of 150 ms that loses 3 %", () => {
  assert(share({ ...FAST, delay: 75, loss: 0.03 }, 8) > 0.33);
});

Deno.test("An association fills a path with jitter, and one that reorders", () => {
  assert(share({ ...FAST, delay: 25, jitter: 10 }, 8) > 0.7);
  assert(share({ ...FAST, delay: 25, reorder: 0.05, reorderBy: 8 }, 8) > 0.7);
});

Deno.test("An association fills 20 Mbit/s, and loses little to its own bursts", () => {
  const { simulation, flow, forward } = connect({
    delay: 20,
    rate: 2500,
    queue: 125_000,
  });
  simulation.runUntil(8000);
  assert(flow.received > 0.85 * 2500 * 8000, `${flow.received}`);
  const { overflowed, packets } = forward.counters;
  assert(overflowed < 0.02 * packets, `${overflowed} of ${packets}`);
});

Deno.test("An association on a busy machine gets no slower by itself", () => {
  for (const grain of [10, 20, 30]) {
    const options = { delay: 25, rate: 2500, queue: 250_000 };
    const { simulation, flow } = connect(options, 1, MESSAGE, grain);
    simulation.runUntil(4_000);
    const early = flow.received;
    simulation.runUntil(20_000);
    // Of each turn's pause, five milliseconds are made up for.
    const share = (flow.received - early) / (2500 * 16_000);
    assert(share > 0.85 * 5 / grain, `${grain} ms: ${share}`);
  }
});

Deno.test("An association sends 50 MB/s by timers of two milliseconds", () => {
  const fast = { rate: 70_000, queue: 1_400_000, delay: 25 };
  const { simulation, flow } = connect(fast, 1, 65_532, 2);
  simulation.runUntil(1000);
  const before = flow.received;
  simulation.runUntil(3000);
  const rate = (flow.received - before) / 2000;
  assert(rate > 50_000, `${rate} bytes a millisecond`);
});

Deno.test("An association on a busy machine follows a path that gets slower", () => {
  const options: LinkOptions = { delay: 25, rate: 2500, queue: 250_000 };
  const { simulation, flow, forward } = connect(options, 1, MESSAGE, 20);
  simulation.runUntil(6_000);
  forward.options = { ...options, rate: 250 };
  simulation.runUntil(10_000);
  const { bandwidth } = flow.outbound.congestion;
  const counters = { ...forward.counters };
  simulation.runUntil(20_000);
  const lost = forward.counters.overflowed - counters.overflowed;
  const sent = forward.counters.packets - counters.packets;
  assert(bandwidth < 350, `${bandwidth}`);
  assert(lost < 0.02 * sent, `${lost} of ${sent}`);
});

Deno.test("An association keeps a deep queue short", () => {
  const { simulation, flow } = connect({
    delay: 20,
    rate: 2500,
    queue: 2_500_000,
  });
  simulation.runUntil(8000);
  assert(flow.received > 0.85 * 2500 * 8000);
  assert(flow.outbound.rtt.smoothed! < 80, `${flow.outbound.rtt.smoothed}`);
});

Deno.test("Two associations share a link", () => {
  const { simulation, flows } = connect(
    { delay: 20, rate: 2500, queue: 125_000 },
    2,
  );
  simulation.runUntil(20_000);
  const total = flows[0].received + flows[1].received;
  assert(total > 0.85 * 2500 * 20_000);
  for (const { received } of flows) {
    assert(received > 0.3 * total && received < 0.7 * total, `${received}`);
  }
});

Deno.test("An association leaves a loss-based flow its share", () => {
  const simulation = new Simulation();
  const options = { delay: 20, rate: 2500, queue: 125_000 };
  const forward = new SimulatedLink(simulation, options);
  const backward = new SimulatedLink(simulation, { delay: 20, seed: 99 });
  const links = { forward, backward, greedy: MESSAGE };
  const ours = new Flow(simulation, links);
  const packetBytes = 1164 + OVERHEAD;
  const congestion = new Reno(packetBytes);
  const theirs = new Flow(simulation, { ...links, congestion });
  simulation.runUntil(3000);
  const before = [ours.received, theirs.received];
  simulation.runUntil(30_000);
  const [mine, other] = [
    ours.received - before[0],
    theirs.received - before[1],
  ];
  const total = mine + other;
  assert(other > 0.25 * total && mine > 0.25 * total, `${mine} ${other}`);
});

Deno.test("An association has its share again soon where others fill the queue", () => {
  const simulation = new Simulation();
  // Without a queue a round trip takes 2 ms, and with a full one 102.
  const options = { delay: 1, rate: 2500, queue: 250_000 };
  const forward = new SimulatedLink(simulation, options);
  const backward = new SimulatedLink(simulation, { delay: 1, seed: 99 });
  const links = { forward, backward, greedy: MESSAGE };
  const ours = new Flow(simulation, links);
  simulation.runUntil(7000);
  const congestion = new Reno(1164 + OVERHEAD);
  const theirs = new Flow(simulation, { ...links, congestion });
  simulation.runUntil(11_000);
  const before = [ours.received, theirs.received];
  simulation.runUntil(19_000);
  const [mine, other] = [
    ours.received - before[0],
    theirs.received - before[1],
  ];
  const total = mine + other;
  assert(other > 0.25 * total && mine > 0.25 * total, `${mine} ${other}`);
});

Deno.test("All arrives, once and in order, whatever the path does to packets", () => {
  const { simulation, flow } = connect(
    {
      delay: 10,
      loss: 0.05,
      duplicate: 0.05,
      reorder: 0.1,
      reorderBy: 15,
      rate: 5000,
      queue: 60_000,
    },
    1,
    0,
  );
  flow.keepMessages = true;
  const count = 300;
  for (let i = 0; i < count; i++) {
    simulation.at(i * 20, () => {
      const data = new Uint8Array(1 + i * 97 % 40_000).fill(i);
      data[0] = i;
      flow.send(data);
    });
  }
  simulation.runUntil(30_000);
  assertEquals(flow.messages.length, count);
  flow.messages.forEach((data, i) => {
    assertEquals(data.length, 1 + i * 97 % 40_000);
    assert(data.every((byte) => byte === i % 256));
  });
  assertEquals(flow.outbound.undeliveredBytes, 0);
  assertEquals(flow.outbound.wakeAt, Infinity);
});

Deno.test("Little is sent again for nothing where the path only reorders", () => {
  const { simulation, flow } = connect({
    delay: 25,
    reorder: 0.02,
    reorderBy: 8,
    ...FAST,
    queue: 5_000_000,
  });
  simulation.runUntil(5000);
  const { bytesRetransmitted, bytesSent } = flow.outbound.counters;
  assert(bytesRetransmitted < 0.005 * bytesSent, `${bytesRetransmitted}`);
});

Deno.test("An association goes on soon after an outage of ten seconds", () => {
  const { simulation, flow, forward, backward } = connect({
    delay: 25,
    ...FAST,
  });
  simulation.runUntil(3000);
  for (const link of [forward, backward]) {
    link.options = { ...link.options, loss: 1 };
  }
  simulation.runUntil(3500);
  const before = flow.received;
  simulation.runUntil(13_000);
  assertEquals(flow.received, before);
  for (const link of [forward, backward]) {
    link.options = { ...link.options, loss: 0 };
  }
  simulation.runUntil(15_300);
  assert(flow.received > before + MESSAGE, "nothing came in 2.3 s");
  simulation.runUntil(20_000);
  assert(flow.received - before > 4 * 14_000 * 500);
});

Deno.test("A frame's last packets are not waited for longer than a probe takes", () => {
  const { simulation, flow } = connect({ delay: 25, loss: 0.05 }, 1, 0);
  const latencies: number[] = [];
  let sentAt = 0;
  flow.onMessage = () => latencies.push(simulation.now - sentAt);
  for (let i = 0; i < 200; i++) {
    simulation.at(i * 1000, () => {
      sentAt = simulation.now;
      flow.send(new Uint8Array(60_000));
    });
  }
  simulation.runUntil(201_000);
  assertEquals(latencies.length, 200);
  latencies.sort((a, b) => a - b);
  // Of 52 packets 2.6 are lost: one more round trip, or two; for the last ones
  // a probe. Waiting for timeouts would take 200 ms each time.
  assert(latencies[100] < 160, `median ${latencies[100]}`);
  assert(latencies[189] < 350, `p95 ${latencies[189]}`);
  assert(flow.outbound.counters.timeouts < 20);
});

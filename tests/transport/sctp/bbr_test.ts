/** The congestion controller alone, on made-up acknowledgements. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Bbr } from "../../../lib/transport/sctp/bbr.ts";
import type { AckSample } from "../../../lib/transport/sctp/congestion.ts";

const PACKET = 1000;

Deno.test("Bbr's start that ends without a queue leaves no pace behind", () => {
  for (const isLate of [false, true]) {
    const bbr = new Bbr({
      packetBytes: 1280,
      initialRtt: 50,
      random: () => 0.5,
    });
    let delivered = 0;
    // Clouds: bursts far below what the path takes, each second.
    for (let round = 0; round < 100; round++) {
      const priorDelivered = delivered;
      const packets = Math.min(200, Math.floor(bbr.window / 1280));
      const bytes = packets * 1280;
      const span = bytes / bbr.pacingRate;
      for (let i = 1; i <= packets; i++) {
        delivered += 1280;
        bbr.onAck({
          now: 100 * round + 50 + span * i / packets,
          // The least one grows old, and is looked for again.
          ...{ rtt: round < 5 ? 50 : 50.1, acked: 1280, lost: 0 },
          lostInflight: 0,
          ...{ delivered, priorDelivered, appLimited: true },
          inflight: bytes - i * 1280,
          priorInflight: bytes - (i - 1) * 1280,
          rate: bytes / (50 + span),
        });
      }
      if (isLate && round === 4) bbr.onTimeout(100 * round);
    }
    assertLess(bbr.pacingRate, 3 * bbr.bandwidth);
  }
});

/**
 * A path that delivers at a rate, with a round-trip time, and may lose some.
 */
class Path {
  now = 0;
  delivered = 0;
  readonly bbr: Bbr;

  constructor(
    public rate: number,
    public rtt: number,
    options: Partial<ConstructorParameters<typeof Bbr>[0]> = {},
  ) {
    this.bbr = new Bbr({ packetBytes: PACKET, random: () => 0, ...options });
  }

  /** A round trip: what window and pace allow is acknowledged. */
  round(sample: Partial<AckSample> = {}, steps = 10): void {
    const prior = this.delivered;
    const paced = this.bbr.pacingRate * this.rtt;
    const inflight = Math.min(this.bbr.window, paced, 2 * this.rate * this.rtt);
    const queued = Math.max(0, inflight - this.rate * this.rtt);
    const rtt = this.rtt + queued / this.rate;
    for (let i = 0; i < steps; i++) {
      this.now += rtt / steps;
      const acked = inflight / steps;
      this.delivered += acked;
      this.bbr.onAck({
        now: this.now,
        acked,
        lost: 0,
        lostInflight: sample.lost ? inflight : 0,
        priorInflight: inflight,
        inflight,
        delivered: this.delivered,
        priorDelivered: i === 0 ? prior : prior - 1,
        rtt,
        rate: Math.min(this.rate, inflight / rtt),
        appLimited: false,
        ...sample,
      });
    }
  }

  rounds(count: number, sample: Partial<AckSample> = {}): void {
    for (let i = 0; i < count; i++) this.round(sample);
  }
}

Deno.test("Bbr raises the window each round until the pipe is full", () => {
  const run = new Path(5000, 50, { initialRtt: 50 });
  assertEquals(run.bbr.window, 32 * PACKET);
  const windows = [];
  for (let i = 0; i < 4; i++) {
    windows.push(run.bbr.window);
    run.round();
  }
  for (let i = 1; i < windows.length; i++) {
    assert(windows[i] >= 1.7 * windows[i - 1], windows.join(" "));
  }
  run.rounds(6);
  assert(run.bbr.state !== "startup", run.bbr.state);
  assertEquals(run.bbr.bandwidth, 5000);
});

Deno.test("Bbr goes on from its first pace, unless that met a queue", () => {
  const free = new Path(50_000, 100, { initialRtt: 100 });
  const first = free.bbr.pacingRate;
  free.rounds(2);
  assertGreater(free.bbr.pacingRate, 1.7 * first);
  // The first window fits the path, but not at its pace.
  const queued = new Path(0.3 * first, 100, { initialRtt: 100 });
  queued.round({ acked: PACKET, rtt: 100 }, 1);
  queued.rounds(2, { rtt: 110 });
  assertLess(queued.bbr.pacingRate, 1.1 * first);
  assertEquals(queued.bbr.state, "startup");
});

Deno.test("Bbr paces at the bandwidth, and holds twice the pipe at most", () => {
  const path = new Path(2000, 40);
  path.rounds(40);
  const { bbr } = path;
  assertEquals(bbr.bandwidth, 2000);
  assertEquals(bbr.minRtt, 40);
  const rates = new Set<number>();
  for (let i = 0; i < 30; i++) {
    path.round();
    rates.add(Math.round(bbr.pacingRate / 20) / 100);
    assert(bbr.window <= 2 * 2000 * 40 + 3 * 2000 + bbr.window * 0.5);
  }
  // It probes for more, drains what it probed with, and else keeps the rate.
  assertEquals([...rates].sort(), [0.74, 0.99, 1.24]);
});

Deno.test("Bbr is not slowed down by loss without a queue", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  const before = path.bbr.window;
  const loss = { lost: 0.05 * path.bbr.window / 10, rtt: 41 };
  path.rounds(40, loss);
  assertEquals(path.bbr.bandwidth, 2000);
  assert(path.bbr.window >= 0.9 * before, `${path.bbr.window} of ${before}`);
});

Deno.test("Bbr holds less where loss comes with a queue, and tries for more later", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  const before = path.bbr.window;
  path.rounds(3, { lost: 0.05 * before / 10, rtt: 80 });
  const held = path.bbr.window;
  assert(held < 0.8 * before, `${held} of ${before}`);
  path.rounds(120);
  assert(path.bbr.window > 1.2 * held, `${path.bbr.window} of ${held}`);
});

Deno.test("Bbr measures a loss by what was in flight then, not by what is left", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  const before = path.bbr.window;
  // The end of a burst is lost, and found to be once all the rest has arrived.
  const few = { priorInflight: 4 * PACKET, inflight: 4 * PACKET };
  path.round({ ...few, lost: PACKET, rtt: 80, appLimited: true });
  path.round({ ...few, rtt: 80, appLimited: true });
  assertLess(path.bbr.window, before);
  assertGreater(path.bbr.window, 0.4 * before);
});

Deno.test("Bbr leaves startup early where it overfills the queue", () => {
  const path = new Path(50_000, 40);
  path.rounds(2);
  assertEquals(path.bbr.state, "startup");
  path.rounds(2, { lost: 2 * PACKET, rtt: 90 });
  assert(path.bbr.state !== "startup", path.bbr.state);
});

Deno.test("Bbr follows a path that gets faster, and one that gets slower", () => {
  const path = new Path(2000, 40);
  path.rounds(30);
  path.rate = 6000;
  path.rounds(80);
  assert(path.bbr.bandwidth > 5000, `${path.bbr.bandwidth}`);
  path.rate = 1000;
  path.rounds(30);
  assertEquals(path.bbr.bandwidth, 1000);
});

Deno.test("Bbr takes an application's pauses for no limit of the network", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  path.rounds(50, { rate: 100, appLimited: true });
  assertEquals(path.bbr.bandwidth, 2000);
  path.rounds(2, { rate: 3000, appLimited: true });
  assertEquals(path.bbr.bandwidth, 3000);
});

Deno.test("Bbr looks for a shorter round trip every five seconds, gently", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  const before = path.bbr.window;
  let probed = false;
  for (let i = 0; i < 400; i++) {
    path.round({ rtt: 45, inflight: path.bbr.window });
    if (path.bbr.state !== "probe-rtt") continue;
    probed = true;
    assert(path.bbr.window >= 0.5 * 2000 * 40 && path.bbr.window < before);
  }
  assert(probed);
  assertEquals(path.bbr.state, "probe-bandwidth");
});

Deno.test("Bbr sends one packet at a time after a timeout, until one arrives", () => {
  const path = new Path(2000, 40);
  path.rounds(20);
  const { bbr } = path;
  const before = bbr.window;
  bbr.onTimeout(path.now);
  bbr.onTimeout(path.now + 400);
  assertEquals(bbr.window, PACKET);
  path.now += 2000;
  path.round({}, 1);
  assert(bbr.window >= 0.8 * before, `${bbr.window} of ${before}`);
});

Deno.test("Bbr keeps within the window that it is given", () => {
  const path = new Path(20_000, 10, { maxWindow: 50_000, minWindow: 8000 });
  for (let i = 0; i < 30; i++) {
    path.round();
    assert(path.bbr.window <= 50_000 && path.bbr.window >= 8000);
  }
});

Deno.test("Bbr paces the first window over a round trip that is known", () => {
  const known = new Bbr({ packetBytes: PACKET, initialRtt: 100 });
  assertEquals(known.pacingRate, 2.77 * 32 * PACKET / 100);
});

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { BandwidthEstimate } from "../../../lib/transport/rtp/bandwidth.ts";
import type { DeliveredPacket } from "../../../lib/transport/rtp/sent_packets.ts";

/** Bytes of a packet, and time between two feedbacks. */
const PACKET_BYTES = 1_200;
const FEEDBACK_MS = 50;
/** One way without a queue, milliseconds. */
const DELAY_MS = 20;

interface PathOptions {
  /** Bytes a millisecond that the path takes. */
  capacity: number;
  /** What the source has, where the estimate allows it. */
  demand: number;
  /** Longest queue before packets are lost, milliseconds. */
  queueMs?: number;
  /** How much faster the peer's clock runs, parts of one. */
  drift?: number;
  /** Share of packets that is lost on the way. */
  loss?: number;
}

/** A source that follows the estimate, and a path with one queue. */
class Path {
  readonly estimate = new BandwidthEstimate();
  readonly options: PathOptions;
  now = 0;
  /** Longest time in the queue, and packets that didn't fit. */
  longestMs = 0;
  overflown = 0;
  #freeAt = 0;
  #owed = 0;
  #sent = 0;
  #flying: DeliveredPacket[] = [];
  #lost: number[] = [];

  constructor(options: PathOptions) {
    this.options = options;
  }

  /** Bytes a millisecond that are sent now. */
  get rate(): number {
    const { demand } = this.options;
    return Math.min(demand, this.estimate.capacity ?? demand);
  }

  /** Has time pass; returns the mean of what is sent, bytes a millisecond. */
  run(ms: number): number {
    const sent = this.#sent;
    for (let i = 0; i < ms; i++) this.#step();
    return (this.#sent - sent) / ms;
  }

  #step(): void {
    this.now++;
    this.#owed += this.rate;
    while (this.#owed >= PACKET_BYTES) this.#send();
    if (this.now % FEEDBACK_MS === 0) this.#tell();
    if (this.now % 1_000 === 0) this.estimate.tick(this.now, 40, undefined);
  }

  #send(): void {
    const { capacity, queueMs = 200, drift = 0, loss = 0 } = this.options;
    this.#owed -= PACKET_BYTES;
    this.#sent += PACKET_BYTES;
    this.estimate.sent(this.now);
    const waitMs = Math.max(0, this.#freeAt - this.now);
    this.longestMs = Math.max(this.longestMs, waitMs);
    const isFull = waitMs > queueMs;
    if (isFull) this.overflown++;
    // Each so many-th, so that the test is the same each time.
    const nth = this.#sent / PACKET_BYTES;
    const isLost = Math.floor(nth * loss) > Math.floor((nth - 1) * loss);
    if (isFull || isLost) return void this.#lost.push(this.now);
    this.#freeAt = Math.max(this.#freeAt, this.now) + PACKET_BYTES / capacity;
    const arrival = (this.#freeAt + DELAY_MS) * (1 + drift) + 1e6;
    const bytes = PACKET_BYTES;
    this.#flying.push({ sentAt: this.now, arrival, bytes, isLate: false });
  }

  /** Tells of what came until a way back ago. */
  #tell(): void {
    const { drift = 0 } = this.options;
    const came = ({ arrival }: DeliveredPacket) =>
      (arrival - 1e6) / (1 + drift) + DELAY_MS <= this.now;
    const delivered = this.#flying.filter(came);
    this.#flying = this.#flying.filter((packet) => !came(packet));
    const lost = this.#lost.length;
    this.#lost = [];
    if (delivered.length === 0 && lost === 0) return;
    this.estimate.update(this.now, { delivered, lost }, 40, undefined);
  }
}

for (const capacity of [60, 125, 500, 2_500]) {
  Deno.test(`A path of ${capacity * 8} kbit/s is found, and its queue kept short`, () => {
    const path = new Path({ capacity, demand: 3 * capacity });
    path.run(5_000);
    path.longestMs = path.overflown = 0;
    const rate = path.run(20_000);
    assertGreater(rate, 0.8 * capacity);
    assertLess(rate, 1.2 * capacity);
    assertLess(path.longestMs, 200);
    assertLess(path.overflown, 10);
  });
}

Deno.test("Nothing is held back where there is no queue", () => {
  const path = new Path({ capacity: 1_000, demand: 500 });
  path.run(30_000);
  assertEquals(path.estimate.capacity, undefined);
  assertLess(path.estimate.queueMs, 10);
  assert(Math.abs(path.estimate.mediaRate - 500) < 50);
});

Deno.test("Loss without a queue is no reason to send less", () => {
  const path = new Path({ capacity: 1_000, demand: 500, loss: 0.05 });
  path.run(30_000);
  assertEquals(path.estimate.capacity, undefined);
});

for (const drift of [-100e-6, 100e-6]) {
  Deno.test(`Clocks that drift by ${drift * 1e6} ppm do no harm`, () => {
    const idle = new Path({ capacity: 1_000, demand: 500, drift });
    idle.run(300_000);
    assertEquals(idle.estimate.capacity, undefined);
    const narrow = new Path({ capacity: 250, demand: 500, drift });
    narrow.run(60_000);
    assertGreater(narrow.run(20_000), 0.8 * 250);
  });
}

Deno.test("A path that takes less is followed down, and up again", () => {
  const path = new Path({ capacity: 2_500, demand: 2_000 });
  path.run(20_000);
  assertEquals(path.rate, 2_000);
  path.options.capacity = 250;
  path.run(800);
  assertLess(path.estimate.capacity!, 1.1 * 250);
  assert(path.estimate.isTightAt(path.now));
  path.run(2_200);
  path.longestMs = 0;
  const narrow = path.run(17_000);
  assertGreater(narrow, 0.75 * 250);
  assertLess(narrow, 1.2 * 250);
  assertLess(path.longestMs, 200);
  path.options.capacity = 2_500;
  path.run(25_000);
  assertGreater(path.run(1_000), 1_600);
});

Deno.test("A limit that was met is believed while less is sent", () => {
  const path = new Path({ capacity: 250, demand: 500 });
  path.run(20_000);
  path.options.demand = 210;
  path.run(4_000);
  assertLess(path.estimate.capacity!, 1.15 * 250);
  assertGreater(path.estimate.capacity!, 0.8 * 250);
  // Later it may have become another path.
  path.run(10_000);
  assertGreater(path.estimate.capacity!, 1.15 * 250);
});

Deno.test("A peer that tells nothing any more is sent less", () => {
  const estimate = new BandwidthEstimate();
  estimate.suppose(1_000);
  for (let now = 0; now <= 20_000; now += 1_000) {
    estimate.sent(now);
    estimate.tick(now, 40, undefined);
  }
  assertLess(estimate.capacity!, 100);
  assertGreater(estimate.capacity!, 10);
});

Deno.test("A silence is no limit that was met, and no collapse", () => {
  const path = new Path({ capacity: 500, demand: 450 });
  path.estimate.suppose(500);
  path.run(3_000);
  const before = path.estimate.capacity!;
  for (let i = 0; i < 3; i++) {
    path.now += 2_000;
    path.estimate.sent(path.now);
    path.now += 2_000;
    path.estimate.tick(path.now, 40, undefined);
  }
  assertLess(path.estimate.capacity!, 0.2 * before);
  assertEquals(path.estimate.isTightAt(path.now), false);
  // Sooner than a limit is believed, more than a half was is tried again.
  path.run(4_500);
  assertGreater(path.estimate.capacity!, 0.3 * before);
});

/** A feedback of one packet that came at a time of the peer's. */
function told(arrival: number, sentAt: number) {
  const bytes = PACKET_BYTES;
  return { delivered: [{ sentAt, arrival, bytes, isLate: false }], lost: 0 };
}

const CLOCKS: Record<string, (now: number) => number> = {
  "stands still": () => 5,
  "runs backwards": (now) => -now,
  "jumps to and fro": (now) => now % 2 * 1e9,
  "began in the far future": (now) => now === 0 ? 1e12 : now,
};

for (const [name, clock] of Object.entries(CLOCKS)) {
  Deno.test(`A peer whose clock ${name} takes no more room or time`, () => {
    const estimate = new BandwidthEstimate();
    for (let now = 0; now < 20_000; now++) {
      estimate.update(now, told(clock(now), now), 40, undefined);
    }
    // What is kept is what the rate is made of: half a second or so of it.
    assertLess(estimate.mediaRate * 100, 3_000 * PACKET_BYTES);
    assert(Number.isFinite(estimate.queueMs));
  });
}

Deno.test("What was missing before says nothing of the queue", () => {
  const estimate = new BandwidthEstimate();
  estimate.update(0, told(20, 0), 40, undefined);
  const { delivered: [packet] } = told(300, 10);
  const late = { delivered: [{ ...packet, isLate: true }], lost: 0 };
  estimate.update(100, late, 40, undefined);
  assertEquals(estimate.queueMs, 0);
});

Deno.test("Three lost in a row as a machine stood still are no full queue", () => {
  const estimate = new BandwidthEstimate();
  for (let i = 0; i < 30; i++) {
    const [now, sentAt] = [50 * i + 50, 50 * i];
    const isStall = i === 20;
    const { delivered } = told(sentAt + (isStall ? 50 : DELAY_MS), sentAt);
    const delivery = { delivered, lost: isStall ? 3 : 0 };
    estimate.update(now, delivery, 40, undefined);
  }
  assertEquals(estimate.capacity, undefined);
});

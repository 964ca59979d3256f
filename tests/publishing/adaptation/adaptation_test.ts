import { assert, assertEquals } from "@std/assert";
import { Adaptation } from "../../../lib/publishing/adaptation/adaptation.ts";
import {
  simulate,
  type SimulatedSecond,
  type Simulation,
  STEPS,
} from "./simulated_link.ts";

/** Bytes a second that 4 frames of the simulation's default size take. */
const NEEDED = 1_200_000;
const TENTH = NEEDED / 10;

function sum(
  seconds: SimulatedSecond[],
  of: "bytesThrough" | "framesSent" | "framesDropped" | "changes",
): number {
  return seconds.reduce((total, second) => total + second[of], 0);
}

/** Share of what the link takes that was used. */
function use(seconds: SimulatedSecond[], rate: number): number {
  return sum(seconds, "bytesThrough") / seconds.length / rate;
}

function isWhole({ level }: SimulatedSecond): boolean {
  return level.resolutionFactor === 1 && level.pointShare === 1;
}

Deno.test("Adaptation sends all where the network takes it", () => {
  for (const rate of [1.25 * NEEDED, 2 * NEEDED, 100 * NEEDED]) {
    const seconds = simulate({ seconds: 60, rate: () => rate, noise: 0.1 });
    assertEquals(sum(seconds, "changes"), 0);
    assertEquals(sum(seconds, "framesDropped"), 0);
    assert(seconds.every(isWhole));
  }
});

/** Links that take a tenth or so of what is offered, of many kinds. */
const NARROW: Record<string, Omit<Simulation, "seconds">> = {
  "at a tenth": { rate: () => TENTH },
  "at a third": { rate: () => NEEDED / 3, noise: 0.1 },
  "that varies": { rate: () => TENTH, noise: 0.2 },
  "with a buffer of half a second": {
    rate: () => TENTH,
    noise: 0.1,
    networkBuffer: TENTH / 2,
  },
  "for a scan whose points cost more when they are thinned": {
    rate: () => TENTH,
    noise: 0.1,
    coarserBytes: 0.84,
    sharePower: 0.78,
  },
  "for frames that coarser steps make no smaller": {
    rate: () => TENTH,
    noise: 0.1,
    coarserBytes: 1,
  },
  "for an encoder without steps": {
    rate: () => TENTH,
    noise: 0.1,
    steps: {},
  },
  "for 50 small frames a second": {
    rate: () => TENTH,
    noise: 0.1,
    framesPerSecond: 50,
    frameBytes: NEEDED / 50,
  },
  "for one large frame a second": {
    rate: () => TENTH,
    noise: 0.1,
    framesPerSecond: 1,
    frameBytes: NEEDED,
  },
};

for (const [what, link] of Object.entries(NARROW)) {
  Deno.test(`Adaptation settles on a link ${what}`, () => {
    const seconds = simulate({ ...link, seconds: 180 });
    // The first frame takes up to 10 s at a tenth, and can't be cut short.
    const settled = seconds.slice(15);
    const drops = sum(settled, "framesDropped");
    const offered = drops + sum(settled, "framesSent");
    assert(drops <= 0.005 * offered, `${drops} of ${offered} dropped`);
    const changes = sum(settled, "changes") / (settled.length / 60);
    assert(changes <= 8, `${changes} changes a minute`);
    const used = use(settled, link.rate(0));
    assert(used > 0.7, `${used} of the link used`);
  });
}

Deno.test("Adaptation lowers what is sent within a second of a fall", () => {
  for (const share of [0.1, 0.3, 0.7]) {
    const rate = (s: number) => s < 10 ? 2 * NEEDED : share * NEEDED;
    const seconds = simulate({ seconds: 30, rate, noise: 0.05 });
    assert(seconds.slice(0, 10).every(isWhole));
    assert(seconds.slice(10, 12).some((second) => !isWhole(second)));
    assertEquals(sum(seconds.slice(14), "framesDropped"), 0);
  }
});

Deno.test("Adaptation makes it coarser first, and then fewer points", () => {
  const at = (share: number) =>
    simulate({ seconds: 20, rate: () => share * NEEDED })[19].level;
  const little = at(0.95);
  assert(little.resolutionFactor > 1, JSON.stringify(little));
  assertEquals(little.pointShare, 1);
  const much = at(0.1);
  assertEquals(much.resolutionFactor, 8);
  assert(much.pointShare < 0.2, JSON.stringify(much));
});

for (const networkBuffer of [0, 20_000]) {
  Deno.test(`Adaptation sends all again within 15 s of a recovery, with ${networkBuffer} bytes of buffer`, () => {
    const rate = (s: number) => s < 60 ? TENTH : 2 * NEEDED;
    const seconds = simulate({ seconds: 90, rate, noise: 0.05, networkBuffer });
    assert(seconds.slice(50, 60).every((second) => !isWhole(second)));
    assert(seconds.slice(75).every(isWhole));
    assertEquals(sum(seconds.slice(60), "framesDropped"), 0);
  });
}

Deno.test("Adaptation sends all again even where a buffer hides the rate", () => {
  // Whole frames vanish in it, so that no measurement shows the recovery.
  const rate = (s: number) => s < 60 ? TENTH : 2 * NEEDED;
  const networkBuffer = TENTH / 2;
  const seconds = simulate({ seconds: 170, rate, noise: 0.1, networkBuffer });
  // A limit that was met again and again is believed for a minute.
  assert(seconds.slice(140).every(isWhole));
});

Deno.test("Adaptation sits an outage out", () => {
  const rate = (s: number) => s > 10 && s < 12 ? 0 : 2 * NEEDED;
  const seconds = simulate({ seconds: 30, rate, noise: 0.1 });
  assert(sum(seconds, "framesDropped") > 4);
  assertEquals(sum(seconds, "changes"), 0);
});

Deno.test("Adaptation ends at the lowest level where nothing else is left", () => {
  const seconds = simulate({ seconds: 60, rate: () => NEEDED / 500 });
  assertEquals(seconds[59].level, {
    resolutionFactor: 8,
    pointShare: 1 / 256,
    resolution: 0.008,
  });
});

/** A controller that is given samples by hand. */
function byHand() {
  const adaptation = new Adaptation(STEPS);
  let framesOffered = 0;
  let framesDropped = 0;
  const sample = (
    now: number,
    bytesLeft: number,
    drops: number,
    isStarting = false,
  ) => {
    framesOffered++;
    framesDropped += drops;
    const busyMs = now;
    adaptation.update({
      now,
      ...{ framesOffered, framesDropped, bytesLeft, busyMs, isStarting },
    });
  };
  return { adaptation, sample };
}

Deno.test("Adaptation sums up the levels that were used", () => {
  const { adaptation, sample } = byHand();
  const first = { resolutionFactor: 1, pointShare: 1, resolution: 0.001 };
  assertEquals(adaptation.summary(0), {
    changes: 0,
    lowest: first,
    levels: [],
  });
  adaptation.begun(0, 300_000);
  sample(0, 0, 0);
  sample(250, 25_000, 0);
  sample(500, 50_000, 1);
  assert(adaptation.level.pointShare < 0.2);
  sample(750, 75_000, 1);
  assertEquals(adaptation.level.resolution, 0.008);
  assertEquals(adaptation.summary(1500), {
    changes: 1,
    lowest: adaptation.level,
    levels: [
      { ...first, seconds: 0.5 },
      { ...adaptation.level, seconds: 1 },
    ],
  });
});

Deno.test("Adaptation lowers again only once the lower level is measured", () => {
  const { adaptation, sample } = byHand();
  adaptation.begun(0, 300_000);
  for (let ms = 0; ms <= 3000; ms += 250) {
    sample(ms, 100 * ms, ms > 250 ? 1 : 0);
  }
  assertEquals(adaptation.summary(3000).changes, 1);
});

Deno.test("Adaptation waits until the network's limit is met", () => {
  const { adaptation, sample } = byHand();
  adaptation.begun(0, 300_000);
  for (let ms = 0; ms < 3_000; ms += 250) sample(ms, 100 * ms, 1, true);
  assertEquals(adaptation.changes, 0);
  for (let ms = 3_000; ms <= 3_500; ms += 250) sample(ms, 100 * ms, 1);
  assertEquals(adaptation.changes, 1);
});

Deno.test("Adaptation takes the level along to another channel", () => {
  const { adaptation, sample } = byHand();
  adaptation.begun(0, 300_000);
  for (const ms of [0, 250, 500]) sample(ms, 100 * ms, ms > 250 ? 1 : 0);
  const { level } = adaptation;
  assert(level.pointShare < 1);
  adaptation.restart();
  assertEquals(adaptation.level, level);
  // The counts begin again, and say nothing yet.
  adaptation.begun(10_000, 40_000);
  adaptation.update({
    now: 10_000,
    framesOffered: 1,
    framesDropped: 0,
    bytesLeft: 0,
    busyMs: 0,
  });
  assertEquals(adaptation.level, level);
});

Deno.test("Adaptation thins alone what the encoder can't round", () => {
  const { adaptation, sample } = byHand();
  adaptation.begun(0, 300_000, false);
  for (const ms of [0, 250, 500]) sample(ms, 900 * ms, ms > 250 ? 1 : 0);
  const { level } = adaptation;
  assertEquals(level.resolutionFactor, 1);
  assertEquals(level.resolution, undefined);
  assert(
    level.pointShare > 0.5 && level.pointShare < 0.9,
    `${level.pointShare}`,
  );
  // Where it can again, as many points are sent, with steps of their own.
  adaptation.begun(750, 200_000, true);
  assert(adaptation.level.resolution !== undefined);
});

/** The search for the path's MTU: by hand, and over simulated links. */
import { assert, assertEquals } from "@std/assert";
import {
  type MtuProbe,
  PathMtu,
} from "../../../lib/transport/sctp/path_mtu.ts";
import {
  Flow,
  type LinkOptions,
  SimulatedLink,
  Simulation,
} from "./simulation.ts";

const SIZES = {
  base: 1280,
  minimum: 576,
  candidates: [1400, 1500, 4000, 9000],
};
const RTT = 50;
const TIMEOUT = 300;

function make() {
  let nonces = 0n;
  const path = new PathMtu({ ...SIZES, makeNonce: () => ++nonces });
  const next = (now: number) => path.next(now, RTT, TIMEOUT);
  /** Lets probes go unanswered, each for as long as it is waited for. */
  const loseProbes = (now: number, count: number): number => {
    for (let i = 0; i < count; i++) {
      assert(next(now) !== undefined, `no probe ${i} at ${now}`);
      now += 1000;
    }
    next(now);
    return now;
  };
  return { path, next, loseProbes };
}

/** One that has confirmed the base, and has found 1500. */
function makeRaised() {
  const made = make();
  const { path, next } = made;
  path.onDelivered(1280, 0);
  while (path.mtu < 1500) path.acknowledge(next(100)!.nonce, 150);
  return made;
}

Deno.test("PathMtu probes one size after the other, one at a time", () => {
  const { path, next } = make();
  assertEquals([path.state, path.mtu], ["base", 1280]);
  const sizes: number[] = [];
  for (
    let probe: MtuProbe | undefined, now = 0;
    (probe = next(now));
    now += 50
  ) {
    sizes.push(probe.size);
    assertEquals(next(now + 1), undefined);
    assert(path.acknowledge(probe.nonce, now + 50));
    assertEquals(path.mtu, probe.size);
  }
  assertEquals(sizes, [1280, 1400, 1500, 4000, 9000]);
  assertEquals(path.state, "search-complete");
});

Deno.test("PathMtu takes data of the base's size for its confirmation", () => {
  const { path, next } = make();
  path.onDelivered(600, 0);
  assertEquals(path.state, "base");
  path.onDelivered(1277, 0);
  assertEquals(path.state, "searching");
  assertEquals(next(0)?.size, 1400);
});

Deno.test("PathMtu gives a size up after three probes, for ten minutes", () => {
  const { path, next, loseProbes } = make();
  path.onDelivered(1280, 0);
  const now = loseProbes(0, 3);
  assertEquals([path.state, path.mtu], ["search-complete", 1280]);
  assertEquals(next(now + 599_999), undefined);
  assertEquals(next(now + 600_000)?.size, 1400);
});

Deno.test("PathMtu waits a second for an answer, or as long as one takes", () => {
  const { path, next } = make();
  path.onDelivered(1280, 0);
  const first = next(0)!;
  assertEquals(next(999), undefined);
  const second = path.next(1000, 1500, 2000)!;
  assertEquals(second.size, 1400);
  assertEquals(next(2999), undefined);
  // An answer to the one before tells no size apart, but is not waited for.
  assert(!path.acknowledge(first.nonce, 2999));
  assert(path.acknowledge(second.nonce, 2999));
  assertEquals(path.mtu, 1400);
});

Deno.test("PathMtu goes below the base where the path doesn't take it", () => {
  const { path, next } = make();
  path.onTimeout(0);
  assertEquals(path.mtu, 1280);
  path.onTimeout(0);
  // It goes on asking, ever more at leisure.
  const asked: number[] = [];
  let probe: MtuProbe | undefined;
  for (let now = 0; now < 50_000; now += 1000) {
    const due = next(now);
    if (due === undefined) continue;
    probe = due;
    assertEquals([path.state, path.mtu, due.size], ["error", 576, 1280]);
    asked.push(now / 1000);
  }
  assertEquals(asked, [0, 1, 3, 7, 15, 30, 45]);
  path.acknowledge(probe!.nonce, 50_000);
  assertEquals([path.state, path.mtu], ["searching", 1280]);
});

Deno.test("PathMtu goes below the base after three probes of it", () => {
  const { path, loseProbes } = make();
  loseProbes(0, 3);
  assertEquals([path.state, path.mtu], ["error", 576]);
});

Deno.test("PathMtu tells a black hole by what is small and arrives", () => {
  const { path, next } = makeRaised();
  for (let i = 0; i < 6; i++) path.onLost(1500, 1000 + 10 * i);
  next(1100);
  assertEquals(path.mtu, 1500);
  path.onDelivered(400, 1055);
  next(1100);
  assertEquals([path.state, path.mtu], ["base", 1280]);
  // Not by what had been sent before is the base confirmed.
  path.onDelivered(1280, 1099);
  assertEquals(path.state, "base");
  path.onDelivered(1280, 1100);
  assertEquals(path.state, "searching");
});

Deno.test("PathMtu takes no full queue and no outage for a black hole", () => {
  const { path, next } = makeRaised();
  // All within one round trip.
  for (let i = 0; i < 9; i++) path.onLost(1500, 1000 + i);
  path.onDelivered(400, 1005);
  next(1100);
  // Some arrive.
  path.onDelivered(1500, 1060);
  for (let i = 0; i < 3; i++) path.onLost(1500, 1070 + 30 * i);
  path.onDelivered(400, 1200);
  next(1250);
  path.onDelivered(1500, 1250);
  // Nothing arrives, of any size, for a while.
  for (let i = 0; i < 9; i++) path.onLost(1500, 2000 + 30 * i);
  for (let i = 0; i < 9; i++) path.onLost(400, 2000 + 30 * i);
  path.onTimeout(2500);
  next(2500);
  assertEquals(path.mtu, 1500);
});

Deno.test("PathMtu goes back where nothing is acknowledged any more", () => {
  const { path, next } = makeRaised();
  path.onTimeout(2600);
  path.onTimeout(3000);
  assertEquals([path.state, path.mtu, path.retreatedAt], ["base", 1280, 3000]);
  assertEquals(next(3000)?.size, 1280);
  path.onTimeout(3400);
  assertEquals(path.mtu, 1280);
  path.onTimeout(4200);
  assertEquals([path.state, path.mtu], ["error", 576]);
});

Deno.test("PathMtu has retreated once, however often the base is confirmed", () => {
  const { path, next } = makeRaised();
  for (const now of [1000, 2000, 3000]) {
    path.onTimeout(now);
    path.onTimeout(now + 400);
    path.acknowledge(next(now + 400)!.nonce, now + 450);
    assertEquals([path.state, path.retreatedAt], ["searching", 1400]);
  }
});

Deno.test("PathMtu needs one timeout where something small arrived", () => {
  const { path } = makeRaised();
  for (let i = 0; i < 4; i++) path.onLost(1500, 1000 + i);
  path.onDelivered(400, 1002);
  path.onTimeout(1200);
  assertEquals([path.state, path.mtu], ["base", 1280]);
});

/** An association that looks for larger packets on a link. */
function connect(options: LinkOptions, greedy = 16_356) {
  const simulation = new Simulation();
  const forward = new SimulatedLink(simulation, options);
  const backward = new SimulatedLink(simulation, {
    ...{ delay: options.delay, loss: options.loss, seed: 99 },
  });
  const pathMtu = new PathMtu(SIZES);
  const flow = new Flow(simulation, { forward, backward, greedy, pathMtu });
  return { simulation, forward, flow, pathMtu };
}

const LINK = { delay: 20, rate: 2500, queue: 250_000 };

Deno.test("an association finds what the path takes, and loses nothing", () => {
  for (const [mtu, found] of [[1450, 1400], [1500, 1500], [9000, 9000]]) {
    const { simulation, forward, flow, pathMtu } = connect({ ...LINK, mtu });
    simulation.runUntil(8000);
    assertEquals(pathMtu.mtu, found);
    assertEquals(pathMtu.state, "search-complete");
    // Three probes were too large, where there was a larger size.
    assertEquals(forward.counters.tooLarge, found === 9000 ? 0 : 3);
    assert(flow.received > 0.85 * 2500 * 8000, `${mtu}: ${flow.received}`);
  }
});

Deno.test("an association leaves a black hole, with all that was sent", () => {
  // In messages of a megabyte next to nothing is smaller than the rest.
  for (const greedy of [16_356, 1_000_000]) {
    const { simulation, forward, flow, pathMtu } = connect(
      { ...LINK, mtu: 1500 },
      greedy,
    );
    simulation.runUntil(5000);
    assertEquals(pathMtu.mtu, 1500);
    forward.options = { ...forward.options, mtu: 1420 };
    simulation.runUntil(7000);
    const { received } = flow;
    simulation.runUntil(20_000);
    assertEquals([pathMtu.mtu, pathMtu.state], [1400, "search-complete"]);
    const share = (flow.received - received) / (2500 * 13_000);
    assert(share > 0.85, `${greedy}: ${share}`);
  }
});

Deno.test("an association takes no lossy path for a black hole", () => {
  for (const loss of [0.02, 0.1]) {
    const { simulation, pathMtu } = connect({ ...LINK, loss, mtu: 1500 });
    simulation.runUntil(5000);
    assertEquals(pathMtu.mtu, 1500);
    for (let now = 5000; now < 30_000; now += 10) {
      simulation.runUntil(now);
      assertEquals(pathMtu.mtu, 1500, `loss ${loss}, ${now} ms`);
    }
  }
});

Deno.test("an association gets through where not even the base does", () => {
  const { simulation, flow, pathMtu } = connect({ ...LINK, mtu: 800 });
  simulation.runUntil(20_000);
  assertEquals([pathMtu.mtu, pathMtu.state], [576, "error"]);
  assert(flow.received > 0.5 * 2500 * 20_000, `${flow.received}`);
});

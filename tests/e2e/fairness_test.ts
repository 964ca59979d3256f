/**
 * What ours leaves to others on a link, and gets of it: 20 Mbit/s with a queue
 * of 100 ms, hosts and routers of their own. `deno task bench:fairness` prints
 * the same over a longer time.
 */
import { assert } from "@std/assert";
import {
  points,
  type StartFlow,
  tcp,
} from "../../tools/bench/fairness/flows.ts";
import { measureShares } from "../../tools/bench/fairness/measure.ts";
import { type Need, testSideBySide } from "../support.ts";

const LINK = { rate: 20, queueMs: 100 };
/** A flow that finds the queue filled has its share after some seconds. */
const TIMES = { settleSeconds: 8, seconds: 14 };
/** Percent of the link that both take together. */
const LEAST_FULL = 85;
/** Percent of what came that the other flow has to have: ours is no bully. */
const LEAST_OTHER = 25;
/**
 * And ours, which gives way on such a link, as TCP's BBR does: for some seconds
 * at a time it may have a tenth, but it comes back.
 */
const LEAST_OURS = 5;

const NEEDS: Need[] = ["linux", "network namespaces", "iperf3"];

testSideBySide([...NEEDS, "ffmpeg"], "Flows share a link", {
  "points beside TCP's CUBIC": () => assertShared(points(), tcp("cubic")),
  "points with sound and video beside CUBIC": () =>
    assertShared(points({ media: true }), tcp("cubic")),
  "points beside points": () => assertShared(points(), points()),
});

testSideBySide([...NEEDS, "tcp bbr"], "Flows share a link with TCP's BBR", {
  "points beside BBR": () => assertShared(points(), tcp("bbr")),
});

async function assertShared(one: StartFlow, other: StartFlow): Promise<void> {
  const { shares, full } = await measureShares([one, other], {
    ...LINK,
    ...TIMES,
  });
  const found = `${shares.map(Math.round)} % of what came, ` +
    `${Math.round(full)} % of the link`;
  assert(shares[0] >= LEAST_OURS && shares[1] >= LEAST_OTHER, found);
  assert(full >= LEAST_FULL, found);
}

import { assert, assertEquals } from "@std/assert";
import { ImpairedLink } from "../../../tools/impair/link.ts";

const PACKET = 1172;

/** Sends so many packets, a millisecond apart; returns their fate. */
function fates(link: ImpairedLink, count: number, every = 1): number[][] {
  return Array.from({ length: count }, (_, i) => link.take(i * every, PACKET));
}

/** Whether a share of `count` is within five standard deviations of `expected`. */
function isShare(count: number, of: number, expected: number): boolean {
  const deviation = Math.sqrt(of * expected * (1 - expected));
  return Math.abs(count - of * expected) < 5 * deviation;
}

Deno.test("ImpairedLink without impairments passes all at once", () => {
  const link = new ImpairedLink();
  assertEquals(fates(link, 3), [[0], [1], [2]]);
  assertEquals(link.counters.delivered, 3);
  assertEquals(link.counters.bytesDelivered, 3 * PACKET);
});

Deno.test("ImpairedLink delays, and lets jitter reorder nothing", () => {
  const link = new ImpairedLink({ delay: 20, jitter: 15 });
  const due = fates(link, 2000).flat();
  due.forEach((at, i) => {
    assert(at >= i + 20 && at <= i + 35);
    assert(i === 0 || at >= due[i - 1]);
  });
  const late = due.filter((at, i) => at > i + 27.5).length;
  assert(late > 500, `${late}`);
});

Deno.test("ImpairedLink loses the share that it is to lose", () => {
  for (const loss of [1, 5, 30]) {
    const link = new ImpairedLink({ loss }, loss);
    fates(link, 50_000);
    assert(isShare(link.counters.lost, 50_000, loss / 100));
    assertEquals(link.counters.delivered, 50_000 - link.counters.lost);
  }
});

Deno.test("ImpairedLink loses in runs of the length asked for", () => {
  const link = new ImpairedLink({ loss: 5, burst: 8 });
  const isLost = fates(link, 200_000).map((times) => times.length === 0);
  const runs = isLost.filter((lost, i) => lost && !isLost[i - 1]).length;
  const { lost } = link.counters;
  assert(Math.abs(lost / runs - 8) < 0.8, `runs of ${lost / runs}`);
  assert(Math.abs(lost / 200_000 - 0.05) < 0.005, `${lost}`);
});

Deno.test("ImpairedLink has a packet overtaken, and another come twice", () => {
  const link = new ImpairedLink({ reorder: 10, reorderBy: 5, duplicate: 3 });
  const all = fates(link, 20_000);
  const { reordered, duplicated } = link.counters;
  assert(isShare(reordered, 20_000, 0.1) && isShare(duplicated, 20_000, 0.03));
  assertEquals(all.filter(([at], i) => at === i + 5).length, reordered);
  assertEquals(all.filter((times) => times.length === 2).length, duplicated);
});

Deno.test("ImpairedLink keeps a rate, and drops what its queue can't hold", () => {
  // 1200 bytes with their headers take 4 ms; the queue holds 20 ms.
  const link = new ImpairedLink({ rate: 2.4, queue: 20 });
  const all = fates(link, 1000);
  const due = all.flat();
  for (let i = 1; i < due.length; i++) {
    assert(Math.abs(due[i] - due[i - 1] - 4) < 1e-6);
  }
  all.forEach(([at], i) => assert(at === undefined || at - i <= 20 + 1e-6));
  const { queueDropped, delivered, maxQueueMs } = link.counters;
  assertEquals(queueDropped + delivered, 1000);
  assertEquals(delivered, 250 + 4);
  assert(maxQueueMs > 12 && maxQueueMs <= 16);
});

Deno.test("ImpairedLink passes a packet that is larger than its queue", () => {
  const link = new ImpairedLink({ rate: 0.1, queue: 1 });
  assertEquals(link.take(0, 972).length, 1);
  assertEquals(link.take(1, 972).length, 0);
  assertEquals(link.take(80, 972), [160]);
});

Deno.test("ImpairedLink is down until it is up again", () => {
  const link = new ImpairedLink({ down: true });
  assertEquals(fates(link, 2), [[], []]);
  link.impairments = { ...link.impairments, down: false };
  assertEquals(fates(link, 2), [[0], [1]]);
});

Deno.test("ImpairedLink gives the same packets the same fate for a seed", () => {
  const impairments = { loss: 20, jitter: 9, reorder: 10, duplicate: 10 };
  const once = fates(new ImpairedLink(impairments, 7), 500);
  assertEquals(fates(new ImpairedLink(impairments, 7), 500), once);
  const other = fates(new ImpairedLink(impairments, 8), 500);
  assert(JSON.stringify(other) !== JSON.stringify(once));
});

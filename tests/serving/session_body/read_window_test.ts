import { assert, assertEquals, assertRejects } from "@std/assert";
import { ReadWindow } from "../../../lib/serving/session_body/read_window.ts";

/** Time between two reports, and of a byte each way, milliseconds. */
const REPORT_MS = 100;
const WAY_MS = 20;
/** Bytes that are handed over together. */
const PART_BYTES = 8_000;

/**
 * Simulates a path and who reads at its end, a millisecond at a time.
 *
 * @param rateAt bytes a millisecond that the path takes.
 * @returns of each second after the first three what share of its rate was
 * read, and how long the last byte waited for its turn, milliseconds.
 */
function simulate(
  seconds: number,
  rateAt: (second: number) => number,
  demand = Infinity,
) {
  let now = 0;
  const window = new ReadWindow({ now: () => now });
  const reports: { at: number; read: number }[] = [];
  let [handed, left, wanted] = [0, 0, 0];
  const stretches: { share: number; waitMs: number }[] = [];
  let before = 0;
  for (; now < seconds * 1000; now++) {
    const rate = rateAt(Math.floor(now / 1000));
    wanted += demand;
    while (window.isOpen && handed + PART_BYTES <= wanted) {
      window.handed(PART_BYTES);
      handed += PART_BYTES;
    }
    left = Math.min(handed, left + rate);
    if (now % REPORT_MS === 0) {
      reports.push({ at: now + 2 * WAY_MS, read: Math.floor(left) });
    }
    while (reports[0]?.at <= now) window.report(reports.shift()!.read);
    if (now % 1000 !== 999) continue;
    const share = (left - before) / (rate * 1000);
    stretches.push({ share, waitMs: (handed - left) / rate });
    before = left;
  }
  return stretches.slice(3);
}

for (const rate of [30, 125, 500, 2_500, 12_500]) {
  Deno.test(`a path of ${rate * 8} kbit/s is used, and holds little`, () => {
    for (const { share, waitMs } of simulate(15, () => rate)) {
      assert(share > 0.9, `${share} of the rate`);
      // A part, and the time between reports, are under way besides.
      assert(waitMs < 500 + PART_BYTES / rate, `${waitMs} ms wait`);
    }
  });
}

Deno.test("where a path gets slower, soon less is under way", () => {
  const stretches = simulate(12, (second) => second < 5 ? 1_000 : 100);
  for (const { share, waitMs } of stretches.slice(-3)) {
    assert(share > 0.9, `${share} of the rate`);
    assert(waitMs < 600, `${waitMs} ms wait`);
  }
});

Deno.test("where a path gets faster, or more is to be sent, it is used", () => {
  const faster = simulate(14, (second) => second < 5 ? 100 : 1_000);
  assert(faster.at(-1)!.share > 0.9, `${faster.at(-1)!.share} of the rate`);
  const quiet = simulate(10, () => 1_000, 50);
  for (const { share, waitMs } of quiet) {
    assert(share > 0.04, "all that there was to be sent");
    assert(waitMs < 50, `${waitMs} ms wait`);
  }
});

Deno.test("a report of what can't have been read changes nothing", () => {
  const window = new ReadWindow({ now: () => 0 });
  window.report(1);
  while (window.isOpen) window.handed(PART_BYTES);
  for (const read of [2 ** 40, -1, 0, NaN]) {
    window.report(read);
    assertEquals(window.isOpen, false, `${read}`);
  }
});

Deno.test("who waits for a window goes on with the next report", async () => {
  let now = 0;
  const window = new ReadWindow({ now: () => now });
  let handed = 0;
  for (; window.isOpen; handed += PART_BYTES) window.handed(PART_BYTES);
  const { signal } = new AbortController();
  const opened = window.open(signal);
  now = 1_000;
  window.report(handed);
  assertEquals(await opened, true);
  const over = new AbortController();
  while (window.isOpen) window.handed(PART_BYTES);
  const waiting = window.open(over.signal);
  over.abort(new Error("nobody reads"));
  await assertRejects(() => waiting, Error, "nobody reads");
});

Deno.test("a reader that says nothing isn't waited for", async () => {
  const window = new ReadWindow({ silentMs: 1 });
  const { signal } = new AbortController();
  assertEquals(await window.open(signal), true, "nothing is under way");
  while (window.isOpen) window.handed(PART_BYTES);
  assertEquals(await window.open(signal), false);
});

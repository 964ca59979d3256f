import { assert, assertEquals, assertLess } from "@std/assert";
import { Pacer } from "../../../lib/transport/sctp/pacer.ts";

/** Sends all that is allowed at a time. */
function turn(pacer: Pacer, now: number, rate: number, bytes = 1200) {
  let sent = 0;
  const isBehind = pacer.resume(now, rate);
  while (pacer.wait(now) === 0) {
    pacer.onSent(bytes, rate);
    sent += bytes;
  }
  return { sent, isBehind };
}

/** Sends all that is allowed at a time, and gives its bytes. */
function burst(pacer: Pacer, now: number, rate: number): number {
  return turn(pacer, now, rate).sent;
}

Deno.test("Pacer keeps the rate over time, whatever the timer's grain", () => {
  for (const grain of [0.1, 1, 3]) {
    const pacer = new Pacer();
    let sent = 0;
    for (let now = 100; now <= 1100; now += grain) {
      sent += burst(pacer, now, 5000);
    }
    assert(Math.abs(sent / (1000 * 5000) - 1) < 0.02, `${grain}: ${sent}`);
  }
});

Deno.test("Pacer makes up for a pause of a few milliseconds, in bounds", () => {
  const slow = new Pacer();
  burst(slow, 0, 1000);
  slow.hold();
  const later = burst(slow, 1000, 1000);
  assert(later >= 5000 && later < 8000, `${later}`);
  const fast = new Pacer();
  burst(fast, 0, 50_000);
  const bytes = burst(fast, 1000, 50_000);
  assert(bytes < 48 * 1024 + 50_000 / 2 + 1200, `${bytes}`);
});

Deno.test("Pacer makes up for timers that come late, and tells where it can't", () => {
  const pacer = new Pacer();
  burst(pacer, 0, 1000);
  const due = pacer.wait(0);
  const late = turn(pacer, due + 20, 1000);
  assert(late.sent >= 20_000 && late.sent < 23_000, `${late.sent}`);
  const later = turn(pacer, due + 80, 1000);
  assertLess(later.sent, 33_000);
  assertEquals([late.isBehind, later.isBehind], [false, true]);
  // Who waited for something else didn't want to send.
  pacer.hold();
  const other = turn(pacer, due + 200, 1000);
  assertLess(other.sent, 8_000);
  assertEquals(other.isBehind, false);
});

Deno.test("Pacer says how long to wait", () => {
  const pacer = new Pacer();
  burst(pacer, 0, 100);
  const wait = pacer.wait(0);
  assert(wait > 0 && wait <= 12, `${wait}`);
  assertEquals(pacer.wait(wait), 0);
});

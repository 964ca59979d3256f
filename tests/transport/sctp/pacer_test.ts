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
  for (const [rate, most] of [[20_000, 48], [40_000, 79], [90_000, 96]]) {
    const fast = new Pacer();
    burst(fast, 0, rate);
    const bytes = burst(fast, 1000, rate);
    assert(bytes < most * 1024 + rate / 2 + 1200, `${rate}: ${bytes}`);
  }
});

Deno.test("Pacer tells of a wait for it that took too long", () => {
  const pacer = new Pacer();
  burst(pacer, 0, 1000);
  const due = pacer.wait(0);
  const late = turn(pacer, due + 4, 1000);
  const later = turn(pacer, due + 40, 1000);
  assertEquals([late.isBehind, later.isBehind], [false, true]);
  assertLess(later.sent, 8_000);
  // Who waited for something else didn't want to send.
  pacer.hold();
  assertEquals(turn(pacer, due + 200, 1000).isBehind, false);
});

Deno.test("Pacer says how long to wait", () => {
  const pacer = new Pacer();
  burst(pacer, 0, 100);
  const wait = pacer.wait(0);
  assert(wait > 0 && wait <= 12, `${wait}`);
  assertEquals(pacer.wait(wait), 0);
});

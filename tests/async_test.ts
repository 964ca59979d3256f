import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { settlesWithin, whenAborted } from "../lib/async.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const NEVER = new Promise<never>(() => {});
const LONG_MS = 600_000;

/** Counts the listeners that a signal has. */
function watched(signal: AbortSignal): { signal: AbortSignal; count: number } {
  const result = { signal, count: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    result.count++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (
    ...args: Parameters<typeof removeEventListener>
  ) => {
    result.count--;
    removeEventListener.apply(signal, args);
  };
  return result;
}

Deno.test("settlesWithin() is true for an event that comes in time", async () => {
  assertEquals(await settlesWithin(LONG_MS, Promise.resolve("value")), true);
  const { promise, resolve } = Promise.withResolvers<void>();
  const result = settlesWithin(LONG_MS, promise);
  resolve();
  assertEquals(await result, true);
});

Deno.test("settlesWithin() is false when the time is over", async () => {
  assertEquals(await settlesWithin(1, NEVER), false);
});

Deno.test("settlesWithin() takes an event that comes too late as late", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  assertEquals(await settlesWithin(1, promise), false);
  // And its rejection is nobody's concern any more.
  reject(new Error("late"));
  await promise.catch(() => {});
});

Deno.test("settlesWithin() rejects with what the event rejects with", async () => {
  const reason = new Error("broken");
  const error = await assertRejects(() =>
    settlesWithin(LONG_MS, Promise.reject(reason))
  );
  assertStrictEquals(error, reason);
});

Deno.test("settlesWithin() rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const result = settlesWithin(LONG_MS, NEVER, controller.signal);
  const reason = new Error("asked to stop");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => result), reason);
});

Deno.test("settlesWithin() doesn't wait for a signal aborted before", async () => {
  const reason = new Error("asked to stop");
  const error = await assertRejects(() =>
    settlesWithin(LONG_MS, NEVER, AbortSignal.abort(reason))
  );
  assertStrictEquals(error, reason);
});

Deno.test("settlesWithin() takes over the event's rejection after an abort", async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const signal = AbortSignal.abort(new Error("asked to stop"));
  await assertRejects(() => settlesWithin(LONG_MS, promise, signal));
  // Where nobody handled it, Deno would fail the test.
  reject(new Error("broken"));
  await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("settlesWithin() leaves no listener behind", async () => {
  const signals = [0, 1, 2].map(() => watched(new AbortController().signal));
  await settlesWithin(LONG_MS, Promise.resolve(), signals[0].signal);
  await settlesWithin(1, NEVER, signals[1].signal);
  const broken = Promise.reject(new Error("broken"));
  await assertRejects(() => settlesWithin(LONG_MS, broken, signals[2].signal));
  assertEquals(signals.map(({ count }) => count), [0, 0, 0]);
});

Deno.test("whenAborted() resolves with the signal", async () => {
  const controller = new AbortController();
  const aborted = whenAborted(controller.signal);
  assert(!await settlesWithin(0, aborted));
  controller.abort();
  await aborted;
});

Deno.test("whenAborted() resolves at once where the signal is aborted", async () => {
  await whenAborted(AbortSignal.abort());
});

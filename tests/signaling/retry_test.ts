import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { OutOfTimeError, retry } from "../../lib/signaling/retry.ts";
import { FakeClock, turn } from "../fake_clock.ts";

const FIRST_MS = 100;
const TRANSIENT: unknown[] = ["one", "two", "three", "four"];

/** Tries that end as the test says, on a clock of its own. */
function setUp(budgetMs = 1000) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const tries: {
    at: number;
    signal: AbortSignal;
    end: PromiseWithResolvers<string>;
  }[] = [];
  const failures: unknown[] = [];
  const result = retry((signal) => {
    const end = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => end.reject(signal.reason));
    tries.push({ at: clock.now(), signal, end });
    return end.promise;
  }, {
    budgetMs,
    firstMs: FIRST_MS,
    random: () => 0,
    clock,
    signal: stop.signal,
    // As the uplink's: all that it doesn't know.
    isFinal: (error) => !TRANSIENT.includes(error),
    onFailure: (error) => failures.push(error),
  });
  // A rejection is looked at when the test gets there.
  result.catch(() => {});
  return { clock, stop, tries, failures, result };
}

Deno.test("retry() tries until one succeeds", async () => {
  const { clock, tries, failures, result } = setUp();
  await turn();
  tries[0].end.reject("one");
  await clock.advance(FIRST_MS);
  tries[1].end.reject("two");
  await clock.advance(2 * FIRST_MS);
  tries[2].end.resolve("done");
  assertEquals(await result, { result: "done", tries: 3 });
  assertEquals(tries.map(({ at }) => at), [0, 100, 300]);
  assertEquals(failures, ["one", "two"]);
  assertEquals(clock.sleeping, 0, "Nothing waits for the deadline any more");
});

Deno.test("retry() ends with what is final", async () => {
  const { clock, tries, failures, result } = setUp();
  await turn();
  tries[0].end.reject("final");
  assertStrictEquals(await result.catch((error) => error), "final");
  await clock.advance(10_000);
  assertEquals([tries.length, failures.length, clock.sleeping], [1, 0, 0]);
});

Deno.test("retry() ends with its signal, in a try or between two", async () => {
  const reason = new Error("asked to stop");
  const within = setUp();
  await turn();
  within.stop.abort(reason);
  assertStrictEquals(await assertRejects(() => within.result), reason);

  const between = setUp();
  await turn();
  between.tries[0].end.reject("one");
  await turn();
  between.stop.abort(reason);
  assertStrictEquals(await assertRejects(() => between.result), reason);
  assertEquals([between.tries.length, between.clock.sleeping], [1, 0]);
});

Deno.test("retry() is out of time with the last failure as its cause", async () => {
  const { clock, tries, result } = setUp(400);
  await turn();
  tries[0].end.reject("one");
  await clock.advance(FIRST_MS);
  tries[1].end.reject("two");
  await clock.advance(2 * FIRST_MS);
  tries[2].end.reject("three");
  // One more fits in before the deadline, and none after that.
  await clock.advance(1);
  tries[3].end.reject("four");
  const error = await assertRejects(() => result, OutOfTimeError);
  assertEquals(error.message, "No success within 0.4 s");
  assertEquals([error.cause, tries.length], ["four", 4]);
  assertEquals(tries.map(({ at }) => at), [0, 100, 300, 300]);
});

Deno.test("retry() cuts the try short that its deadline meets", async () => {
  const { clock, tries, result } = setUp(400);
  await turn();
  tries[0].end.reject("one");
  await clock.advance(399);
  assert(!tries[1].signal.aborted);
  await clock.advance(1);
  assert(tries[1].signal.aborted);
  const error = await assertRejects(() => result, OutOfTimeError);
  // That it was cut short says less.
  assertEquals(error.cause, "one");

  const only = setUp(400);
  await only.clock.advance(400);
  const { cause } = await assertRejects(() => only.result, OutOfTimeError);
  assertEquals(cause, undefined);
});

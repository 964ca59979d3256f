import { assertEquals, assertRejects } from "@std/assert";
import { limitHost } from "../../lib/hosting/limited_host.ts";
import type {
  Answered,
  HostObserver,
  SessionHost,
} from "../../lib/hosting/session_host.ts";
import { LimitCounters } from "../../lib/limits/limit_counters.ts";
import { LimitError } from "../../lib/limits/limit_error.ts";
import { DEFAULT_REQUEST_LIMITS } from "../../lib/limits/request_limits.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";

const REQUEST = { offer: "", remote: "192.0.2.1" };

/** A host whose answers come when the test gives them. */
function setUp(sessions: number) {
  const answers: PromiseWithResolvers<Answered>[] = [];
  let observer: HostObserver = {};
  const inner = {
    publish: () => {
      answers.push(Promise.withResolvers());
      return answers.at(-1)!.promise;
    },
    subscribe: (given: HostObserver) => {
      observer = given;
      return { [Symbol.dispose]: () => {} };
    },
  };
  const counters = new LimitCounters();
  const host = limitHost(
    inner as unknown as SessionHost,
    { limits: { ...DEFAULT_REQUEST_LIMITS, sessions }, counters },
  );
  const close = (id: string, brokenLimit: "idle-time" | null = null) =>
    observer.onClosed!(
      { id, brokenLimit } as SessionSnapshot,
      "over",
      "ended",
    );
  return { host, answers, close, counters };
}

Deno.test("A limited host counts what is being answered", async () => {
  const { host, answers } = setUp(1);
  const first = host.publish(REQUEST);
  await assertRejects(() => host.publish(REQUEST), LimitError);
  answers[0].reject(new Error("no"));
  await assertRejects(() => first, Error, "no");
  const second = host.publish(REQUEST);
  answers[1].resolve({ id: "a", sdp: "" });
  assertEquals(await second, { id: "a", sdp: "" });
});

Deno.test("A limited host isn't fooled by an end that comes before the answer", async () => {
  const { host, answers, close } = setUp(1);
  const first = host.publish(REQUEST);
  close("a");
  answers[0].resolve({ id: "a", sdp: "" });
  await first;
  const second = host.publish(REQUEST);
  answers[1].resolve({ id: "b", sdp: "" });
  await second;
  await assertRejects(() => host.publish(REQUEST), LimitError);
});

Deno.test("A limited host counts the limits that sessions end for", async () => {
  const { host, answers, close, counters } = setUp(1);
  const first = host.publish(REQUEST);
  answers[0].resolve({ id: "a", sdp: "" });
  await first;
  close("a", "idle-time");
  assertEquals(counters.snapshot()["idle-time"], 1);
});

import { assertEquals, assertMatch } from "@std/assert";
import type { SessionLimits } from "../../lib/limits/session_limits.ts";
import { SessionGuard } from "../../lib/session/session_guard.ts";

Deno.test.sanitizer({ ops: true, resources: true });

function setUp(limits: Partial<SessionLimits>) {
  const broken: [limit: string, reason: string][] = [];
  const clock = { ms: 0 };
  const guard = new SessionGuard(
    limits,
    (...what) => broken.push(what),
    () => clock.ms,
  );
  return { guard, broken, clock };
}

Deno.test("SessionGuard takes four seconds' bytes at once, and no more", () => {
  const { guard, broken, clock } = setUp({ bytesPerSecond: 100 });
  guard.arrived(400);
  for (let second = 0; second < 10; second++) {
    clock.ms += 1000;
    guard.arrived(100);
  }
  assertEquals(broken, []);
  guard.arrived(1);
  assertEquals(broken, [[
    "bytes-per-second",
    "more than 100 bytes a second came",
  ]]);
});

Deno.test("SessionGuard takes one second's messages at once, and no more", () => {
  const { guard, broken, clock } = setUp({ messagesPerSecond: 100 });
  guard.delivered(100);
  for (let second = 0; second < 10; second++) {
    clock.ms += 1000;
    for (let i = 0; i < 10; i++) guard.delivered(10);
  }
  assertEquals(broken, []);
  guard.delivered(1);
  assertEquals(broken, [[
    "messages-per-second",
    "more than 100 messages a second came",
  ]]);
});

Deno.test("SessionGuard forgives mistakes, and nothing but mistakes not", () => {
  const { guard, broken } = setUp({ invalidMessages: 3 });
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 3; j++) guard.invalid("a mistake");
    guard.frame();
  }
  for (let j = 0; j < 3; j++) guard.invalid("a mistake");
  assertEquals(broken, []);
  guard.useful();
  guard.invalid("the last mistake");
  assertEquals(broken.map(([limit]) => limit), ["invalid-messages"]);
  assertMatch(broken[0][1], /^more than 3 messages .*: the last mistake$/);
});

Deno.test("SessionGuard counts the channels that are opened", () => {
  const { guard, broken } = setUp({ dataChannels: 2 });
  guard.channel();
  guard.channel();
  assertEquals(broken, []);
  guard.channel();
  assertEquals(broken, [[
    "data-channels",
    "more than 2 data channels were opened",
  ]]);
});

Deno.test("SessionGuard tells of the first limit alone", () => {
  const { guard, broken } = setUp({ dataChannels: 0, bytesPerSecond: 1 });
  guard.channel();
  guard.arrived(100);
  guard.channel();
  assertEquals(broken.length, 1);
});

Deno.test("SessionGuard ends what is idle, and waits for what isn't", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let ms = 0;
  // Each look at the clock takes a while.
  const now = () => ms += 4;
  using guard = new SessionGuard({ idleMs: 10 }, (_, why) => resolve(why), now);
  guard.connected();
  assertEquals(await promise, "neither points nor media came for 0.01 s");
  assertEquals(ms > 10, true);
});

Deno.test("SessionGuard leaves no timer behind", () => {
  const { guard } = setUp({ idleMs: 60_000 });
  guard.connected();
  guard[Symbol.dispose]();
});

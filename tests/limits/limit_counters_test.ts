import { assertEquals } from "@std/assert";
import { LimitCounters } from "../../lib/limits/limit_counters.ts";

Deno.test("LimitCounters has every limit, from 0", () => {
  const counters = new LimitCounters();
  counters.count("sessions");
  const before = counters.snapshot();
  counters.count("sessions");
  counters.count("idle-time");
  const { sessions, "idle-time": idle, ...others } = counters.snapshot();
  assertEquals([before.sessions, sessions, idle], [1, 2, 1]);
  assertEquals(new Set(Object.values(others)), new Set([0]));
});

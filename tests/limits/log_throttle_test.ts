import { assertEquals } from "@std/assert";
import { LogThrottle } from "../../lib/limits/log_throttle.ts";
import { createLogger } from "../../lib/log.ts";

Deno.test("LogThrottle leaves out lines that come too fast, and counts them", () => {
  const lines: { n: number; leftOut?: number }[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  const clock = { ms: 0 };
  const throttle = new LogThrottle(log, () => clock.ms);
  for (let n = 0; n < 100; n++) throttle.warn("again", { n });
  assertEquals(lines.map(({ n }) => n), [0, 1, 2, 3, 4]);
  clock.ms += 1000;
  throttle.warn("again", { n: 100 });
  throttle.warn("again", { n: 101 });
  clock.ms += 1000;
  throttle.warn("again", { n: 102 });
  assertEquals(lines.slice(5).map(({ n, leftOut }) => [n, leftOut]), [
    [100, 95],
    [102, 1],
  ]);
});

Deno.test("LogThrottle holds lines of every level to one rate", () => {
  const levels: string[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => levels.push(JSON.parse(line).level),
  });
  const throttle = new LogThrottle(log, () => 0);
  for (let n = 0; n < 9; n++) {
    throttle.info("a");
    throttle.warn("b");
    throttle.error("c");
  }
  assertEquals(levels, ["info", "warn", "error", "info", "warn"]);
});

import { assertEquals, assertNotEquals } from "@std/assert";
import { HttpWay } from "../../lib/viewer/http_way.ts";

Deno.test("by HTTP/1.1 four sessions are played at once", () => {
  const way = new HttpWay({ protocol: "http/1.1" });
  const [first] = Array.from({ length: 4 }, () => way.take());
  assertEquals(way.take(), undefined);
  first?.[Symbol.dispose]();
  assertNotEquals(way.take(), undefined);
  assertEquals(way.take(), undefined);
});

Deno.test("by HTTP/2 any number is", () => {
  const way = new HttpWay({ protocol: "h2" });
  const taken = Array.from({ length: 100 }, () => way.take());
  assertEquals(taken.includes(undefined), false);
});

Deno.test("WebRTC isn't tried again for a minute where it doesn't come up", () => {
  let now = 0;
  const way = new HttpWay({ protocol: "http/1.1", now: () => now });
  assertEquals(way.isNeeded, false);
  const taken = way.take();
  now += 1_000_000;
  assertEquals(way.isNeeded, true, "one is played");
  taken?.[Symbol.dispose]();
  now += 59_000;
  assertEquals(way.isNeeded, true);
  now += 2_000;
  assertEquals(way.isNeeded, false);
});

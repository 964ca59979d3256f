import { assertEquals, assertThrows } from "@std/assert";
import { HttpWay } from "../../lib/viewer/http_way.ts";

Deno.test("by HTTP/1.1 four sessions are played at once", () => {
  const way = new HttpWay({ protocol: "http/1.1" });
  const taken = [way.take(), way.take(), way.take(), way.take()];
  assertThrows(() => way.take(), Error, "a browser plays 4 sessions at once");
  taken[0][Symbol.dispose]();
  way.take();
  assertThrows(() => way.take());
});

Deno.test("by HTTP/2 any number is", () => {
  const way = new HttpWay({ protocol: "h2" });
  for (let i = 0; i < 100; i++) way.take();
});

Deno.test("WebRTC isn't tried again for a minute where it doesn't come up", () => {
  let now = 0;
  const way = new HttpWay({ protocol: "http/1.1", now: () => now });
  assertEquals(way.isNeeded, false);
  const taken = way.take();
  now += 1_000_000;
  assertEquals(way.isNeeded, true, "one is played");
  taken[Symbol.dispose]();
  now += 59_000;
  assertEquals(way.isNeeded, true);
  now += 2_000;
  assertEquals(way.isNeeded, false);
});

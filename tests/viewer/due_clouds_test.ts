import { assertEquals } from "@std/assert";
import { DueClouds, type RecordedCloud } from "../../lib/viewer/due_clouds.ts";

function cloudAt(captureTime: number, stream: string): RecordedCloud {
  return {
    ...{ kind: "cloud", stream, place: {}, layout: undefined },
    info: { codec: "raw", points: 0, captureTime },
    message: new Uint8Array(),
  };
}

Deno.test("of the clouds of a stream that are due the newest is taken", () => {
  const clouds = new DueClouds();
  assertEquals(clouds.next, Infinity);
  const [first, second, later] = [10, 20, 30].map((at) => cloudAt(at, "front"));
  const other = cloudAt(15, "rear");
  for (const cloud of [first, other, second, later]) clouds.push(cloud);
  assertEquals(clouds.next, 10);
  assertEquals(clouds.take(9), []);
  assertEquals(clouds.take(25), [second, other]);
  assertEquals([clouds.take(25), clouds.next], [[], 30]);
  clouds.clear();
  assertEquals(clouds.take(Infinity), []);
});

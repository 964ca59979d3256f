import { assertEquals } from "@std/assert";
import {
  type EncodedPicture,
  PictureQueue,
} from "../../lib/viewer/picture_queue.ts";

/** A picture of a time in ms; of those in tens of seconds a keyframe. */
function picture(captureTime: number, bytes = 10): EncodedPicture {
  const isKeyframe = captureTime % 10_000 === 0;
  const data = new Uint8Array(bytes);
  return { codec: "VP8", isKeyframe, captureTime, data };
}

function taken(queue: PictureQueue, now?: number): number[] {
  const times: number[] = [];
  let next;
  while ((next = queue.take(now)) !== undefined) times.push(next.captureTime);
  return times;
}

Deno.test("pictures are decoded in order, from a keyframe on", () => {
  const queue = new PictureQueue();
  for (const time of [9_998, 9_999, 10_000, 10_001]) queue.push(picture(time));
  assertEquals(taken(queue), [10_000, 10_001]);
  queue.push(picture(10_002));
  assertEquals(taken(queue, 10_000), [10_002]);
});

Deno.test("a keyframe that is due makes pictures before it useless", () => {
  const queue = new PictureQueue();
  const times = [10_000, 10_001, 20_000, 20_001, 30_000, 30_001];
  for (const time of times) queue.push(picture(time));
  assertEquals(queue.take(19_999)?.captureTime, 10_000);
  assertEquals(taken(queue, 29_999), [20_000, 20_001, 30_000, 30_001]);
});

Deno.test("where too many wait they go, up to the next keyframe", () => {
  const queue = new PictureQueue();
  queue.push(picture(10_000));
  let time = 10_000;
  while (queue.length > 0) queue.push(picture(++time));
  assertEquals(taken(queue), []);
  queue.push(picture(++time));
  queue.push(picture(30_000));
  assertEquals(taken(queue), [30_000]);
  queue.push(picture(40_000, 30 * 2 ** 20));
  queue.push(picture(50_000, 30 * 2 ** 20));
  assertEquals(taken(queue), [50_000]);
});

Deno.test("there is room for more of what can be had later, within a second", () => {
  const queue = new PictureQueue();
  for (let time = 10_000; queue.hasRoom; time++) queue.push(picture(time));
  queue.take(undefined);
  assertEquals(queue.hasRoom, true);
  queue.clear();
  queue.push(picture(10_001));
  assertEquals(queue.length, 0, "one before it is missing");
});

import { assert, assertEquals, assertLess } from "@std/assert";
import {
  MediaPacer,
  PRIORITY,
  type Priority,
} from "../../../lib/transport/rtp/media_pacer.ts";

/** What left, and when. */
class Wire {
  readonly pacer = new MediaPacer();
  readonly left: { name: string; at: number }[] = [];
  now = 0;
  readonly #rate: number;

  /** @param rate bytes a millisecond. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  push(name: string, priority: Priority, bytes = 1_000, stream = {}): void {
    const send = (at: number) => void this.left.push({ name, at });
    this.pacer.push({ stream, bytes, send }, priority, this.now, this.#rate);
  }

  /** Has time pass until nothing waits. */
  drain(timerMs = 0): void {
    for (let i = 0; this.pacer.wakeAt < Infinity; i++) {
      assertLess(i, 10_000);
      this.now = Math.max(this.now, this.pacer.wakeAt) + timerMs;
      this.pacer.wake(this.now, this.#rate);
    }
    assertEquals(this.pacer.bytes, 0);
  }
}

Deno.test("MediaPacer spreads a keyframe, and begins at once", () => {
  const wire = new Wire(1_000);
  wire.now = 500;
  for (let i = 0; i < 100; i++) wire.push(`${i}`, PRIORITY.video);
  assertEquals(wire.left[0], { name: "0", at: 500 });
  wire.drain();
  assertEquals(
    wire.left.map(({ name }) => name),
    [...Array(100).keys()].map(String),
  );
  // Some at once, as for a timer that is late; the rest one a millisecond.
  const last = wire.left.at(-1)!.at;
  assert(last > 590 && last <= 600, `the last one at ${last}`);
  for (let from = 500; from < 600; from += 10) {
    const within = wire.left.filter(({ at }) => at >= from && at < from + 10);
    assertLess(within.length, 17);
  }
});

Deno.test("MediaPacer leaves room to what others send meanwhile", () => {
  const wire = new Wire(1_000);
  // Nothing waits: then it is nobody's loss.
  wire.pacer.charge(50_000, 0, 1_000);
  for (let i = 0; i < 100; i++) wire.push(`${i}`, PRIORITY.video);
  wire.pacer.charge(20_000, 0, 1_000);
  wire.drain();
  const last = wire.left.at(-1)!.at;
  assert(last > 110 && last <= 120, `the last one at ${last}`);
});

Deno.test("MediaPacer keeps the pace where timers come late", () => {
  const wire = new Wire(1_000);
  for (let i = 0; i < 300; i++) wire.push(`${i}`, PRIORITY.video);
  wire.drain(3);
  assertLess(wire.left.at(-1)!.at, 310);
  // No more is made up for than a few milliseconds.
  const late = new Wire(1_000);
  for (let i = 0; i < 300; i++) late.push(`${i}`, PRIORITY.video);
  late.drain(50);
  const most = Map.groupBy(late.left, ({ at }) => at);
  for (const [, { length }] of most) assertLess(length, 9);
});

Deno.test("Sound doesn't wait, and repair goes before video", () => {
  const wire = new Wire(100);
  for (let i = 0; i < 10; i++) wire.push("video", PRIORITY.video);
  const before = wire.left.length;
  wire.push("repair", PRIORITY.repair);
  wire.push("audio", PRIORITY.audio, 100);
  assertEquals(wire.left.slice(before), [{ name: "audio", at: 0 }]);
  wire.drain();
  assertEquals(wire.left[before + 1].name, "repair");
  assertEquals(wire.left.length, 12);
});

Deno.test("MediaPacer forgets the video of one stream", () => {
  const wire = new Wire(10);
  const [one, other] = [{}, {}];
  for (let i = 0; i < 5; i++) {
    wire.push("one", PRIORITY.video, 1_000, one);
    wire.push("other", PRIORITY.video, 1_000, other);
    wire.push("repair", PRIORITY.repair, 1_000, one);
  }
  const before = wire.left.length;
  const dropped = wire.pacer.drop(({ stream }) => stream === one);
  assertEquals(wire.pacer.bytes, (15 - before - dropped) * 1_000);
  wire.drain();
  const rest = wire.left.slice(before).map(({ name }) => name);
  assertEquals(rest.filter((name) => name === "one"), []);
  assertEquals(wire.left.length, 15 - dropped);
});

Deno.test("Nothing is due where nothing waits", () => {
  const wire = new Wire(1_000);
  assertEquals([wire.pacer.wakeAt, wire.pacer.bytes], [Infinity, 0]);
  wire.push("one", PRIORITY.video, 10);
  assertEquals([wire.pacer.wakeAt, wire.pacer.bytes], [Infinity, 0]);
  const [stream] = [{}];
  for (let i = 0; i < 20; i++) wire.push("more", PRIORITY.video, 1_000, stream);
  wire.pacer.drop(() => true);
  wire.pacer.wake(0, 1_000);
  assertEquals(wire.pacer.wakeAt, Infinity);
});

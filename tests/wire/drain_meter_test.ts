import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { DrainMeter } from "../../lib/wire/drain_meter.ts";

/** A channel that drains at a rate, measured every 5 ms. */
class Link {
  readonly meter = new DrainMeter();
  buffered = 0;
  now = 0;

  send(bytes: number): void {
    this.meter.handed(bytes);
    this.buffered += bytes;
    this.meter.update(this.now, this.buffered);
  }

  run(ms: number, bytesPerSecond: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 5;
      this.buffered = Math.max(0, this.buffered - bytesPerSecond * 0.005);
      this.meter.update(this.now, this.buffered);
    }
  }
}

Deno.test("DrainMeter has nothing to tell before anything was sent", () => {
  const { meter } = new Link();
  meter.update(0, 0);
  meter.update(1000, 0);
  assertEquals(
    [meter.bytesLeft, meter.busyMs, meter.bytesPerSecond],
    [0, 0, 0],
  );
});

Deno.test("DrainMeter counts what left, and the time that it took", () => {
  const link = new Link();
  link.send(10_000);
  link.run(50, 100_000);
  assertEquals(link.meter.bytesLeft, 5_000);
  assertEquals(link.meter.busyMs, 50);
  link.run(1000, 100_000);
  link.send(10_000);
  link.run(1000, 100_000);
  assertEquals(link.meter.bytesLeft, 20_000);
  assertEquals(link.meter.busyMs, 200);
});

Deno.test("DrainMeter tells the rate while there is something to send", () => {
  const link = new Link();
  for (let i = 0; i < 20; i++) {
    link.send(100_000);
    link.run(250, 1_000_000);
    // 100 ms of sending, and 150 of nothing, in which less is known.
    const { bytesPerSecond } = link.meter;
    assert(bytesPerSecond > 0 && bytesPerSecond <= 1_000_001);
  }
  link.send(1_000_000);
  link.run(200, 1_000_000);
  assertAlmostEquals(link.meter.bytesPerSecond, 1_000_000, 30_000);
});

Deno.test("DrainMeter follows a rate that changes", () => {
  const link = new Link();
  link.send(1e9);
  link.run(1000, 10_000_000);
  assertAlmostEquals(link.meter.bytesPerSecond, 10_000_000, 200_000);
  link.run(1000, 200_000);
  const slow = link.meter.bytesPerSecond;
  assert(slow >= 200_000 && slow < 500_000, `${slow}`);
});

Deno.test("DrainMeter takes no burst for a rate", () => {
  const { meter } = new Link();
  meter.handed(60_000);
  meter.update(0, 60_000);
  meter.update(1, 0);
  assert(meter.bytesPerSecond <= 60_000 / 0.05, `${meter.bytesPerSecond}`);
});

Deno.test("DrainMeter never takes back what left", () => {
  const { meter } = new Link();
  meter.handed(1000);
  meter.update(0, 1000);
  meter.update(10, 0);
  // Another's message is in the channel.
  meter.update(20, 300);
  assertEquals(meter.bytesLeft, 1000);
  meter.update(30, 0);
  assertEquals(meter.bytesLeft, 1000);
});

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import type { CapturedFrame } from "../../lib/publishing/points_sender.ts";
import {
  sendFrames,
  whenAcknowledged,
} from "../../lib/publishing/send_frames.ts";
import type { PointSource } from "../../lib/sources/source.ts";
import { FakeClock, turn } from "../fake_clock.ts";

const CLOUD = pointCloud(new Float32Array(3));

interface Plan {
  rate?: number;
  duration?: number;
  next?: PointSource["next"];
}

/** Frames that go out by a clock of the test's. */
function setUp({ rate = 4, duration = 0, next = () => CLOUD }: Plan) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const frames: (CapturedFrame & { at: number })[] = [];
  const asked: number[] = [];
  let isOver = false;
  const sent = sendFrames({
    source: {
      next(frame, seconds) {
        asked.push(seconds);
        return next(frame, seconds);
      },
    },
    rate,
    duration,
    clock,
    onFrame: (frame) => frames.push({ ...frame, at: clock.now() }),
  }, stop.signal);
  sent.then(() => isOver = true, () => {});
  return { clock, stop, frames, asked, sent, isOver: () => isOver };
}

Deno.test("sendFrames() takes clouds at the rate, for the duration", async () => {
  const { clock, frames, asked, sent } = setUp({ rate: 4, duration: 1 });
  await clock.advance(10_000);
  await sent;
  assertEquals(frames.map(({ at }) => at), [0, 250, 500, 750]);
  assertEquals(frames.map(({ number }) => number), [0, 1, 2, 3]);
  assertEquals(asked, [0, 0.25, 0.5, 0.75]);
});

Deno.test("sendFrames() goes on without a duration, until it is stopped", async () => {
  const { clock, frames, stop, sent } = setUp({ rate: 1000 });
  await clock.advance(500);
  assertEquals(frames.length, 501);
  const reason = new Error("asked to stop");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => sent), reason);
  assertEquals(clock.sleeping, 0);
});

Deno.test("sendFrames() gives up a source that is stopped within a cloud", async () => {
  const never = new Promise<undefined>(() => {});
  const { stop, sent } = setUp({ next: () => never });
  await turn();
  const reason = new Error("asked to stop");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => sent), reason);
});

Deno.test("sendFrames() waits for a silent source no longer than the duration", async () => {
  for (const rate of [0, 4]) {
    const never = new Promise<undefined>(() => {});
    const { clock, frames, sent, isOver } = setUp({
      rate,
      duration: 2,
      next: (frame) => frame === 0 ? CLOUD : never,
    });
    await clock.advance(1990);
    assertEquals([frames.length, isOver()], [1, false]);
    // At a rate, what is late is waited for a little longer.
    await clock.advance(1500);
    await sent;
    assertEquals(clock.sleeping, 0);
  }
});

Deno.test("sendFrames() ends where the source does", async () => {
  const { clock, frames, sent } = setUp({
    next: (frame) => frame < 2 ? CLOUD : undefined,
  });
  await clock.advance(1000);
  await sent;
  assertEquals(frames.length, 2);
});

Deno.test("sendFrames() makes up for a source that is late once", async () => {
  const setup = setUp({
    rate: 10,
    next: async (frame) => {
      if (frame === 1) await setup.clock.sleep(450);
      return CLOUD;
    },
  });
  await setup.clock.advance(1000);
  const at = setup.frames.map(({ at }) => at);
  assertEquals(at.slice(0, 8), [0, 550, 550, 550, 550, 550, 600, 700]);
});

Deno.test("sendFrames() has a source that is too slow set the pace", async () => {
  const setup = setUp({
    rate: 10,
    duration: 4,
    next: async () => {
      await setup.clock.sleep(500);
      return CLOUD;
    },
  });
  await setup.clock.advance(60_000);
  await setup.sent;
  const at = setup.frames.map(({ at }) => at);
  // It ends a second after the duration, whatever is missing then.
  assertEquals(at, Array.from({ length: 10 }, (_, i) => 500 * (i + 1)));
});

Deno.test("sendFrames() takes clouds as they come at rate 0", async () => {
  const pauses = [0, 300, 5, 2000];
  const setup = setUp({
    rate: 0,
    duration: 2,
    next: async (frame) => {
      await setup.clock.sleep(pauses[frame]);
      return CLOUD;
    },
  });
  await setup.clock.advance(10_000);
  await setup.sent;
  // What comes after the duration is waited for by nobody.
  assertEquals(setup.frames.map(({ at }) => at), [0, 300, 305]);
  assertEquals(setup.asked, [0, 0, 0, 0]);
});

Deno.test("sendFrames() keeps the time that a source gives", async () => {
  const { clock, frames, sent } = setUp({
    duration: 0.5,
    next: (frame) =>
      frame === 0 ? { cloud: CLOUD, captureTime: 1234.5 } : CLOUD,
  });
  const before = Date.now();
  await clock.advance(1000);
  await sent;
  assertEquals(frames[0].captureTime, 1234.5);
  assertStrictEquals(frames[0].cloud, CLOUD);
  const { captureTime } = frames[1];
  assert(captureTime >= before && captureTime <= Date.now());
});

Deno.test("sendFrames() throws what the source throws", async () => {
  const error = new Error("The disk is gone");
  const { sent } = setUp({ next: () => Promise.reject(error) });
  assertStrictEquals(await assertRejects(() => sent), error);
});

/** An uplink whose frames are acknowledged as the test says. */
function fakeUplink(framesUndelivered: number) {
  const uplink = {
    framesUndelivered,
    framesAcked: 0,
    queuedBytes: 0,
    looks: 0,
    updateAcked: () => void uplink.looks++,
  };
  return uplink;
}

Deno.test("whenAcknowledged() waits for the last acknowledgement", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const uplink = fakeUplink(1);
  let isOver = false;
  void whenAcknowledged(uplink, signal, clock).then(() => isOver = true);
  // As long as something moves it may take its time.
  for (let i = 0; i < 5; i++) {
    await clock.advance(9000);
    uplink.queuedBytes++;
  }
  assertEquals(isOver, false);
  assert(uplink.looks > 100);
  uplink.framesUndelivered = 0;
  await clock.advance(10);
  assertEquals(isOver, true);
});

Deno.test("whenAcknowledged() gives up where nothing moves for 10 s", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  let isOver = false;
  void whenAcknowledged(fakeUplink(1), signal, clock)
    .then(() => isOver = true);
  await clock.advance(10_000);
  assertEquals(isOver, false);
  await clock.advance(20);
  assertEquals(isOver, true);
});

Deno.test("whenAcknowledged() ends with its signal", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const waiting = whenAcknowledged(fakeUplink(1), stop.signal, clock);
  await turn();
  const reason = new Error("asked to stop");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
});

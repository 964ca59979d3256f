import { assert, assertEquals, assertLess } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import type { RtpPacketView } from "../../../lib/media/rtp.ts";
import { MediaReceiver } from "../../../lib/transport/rtp/media_receiver.ts";
import type { Section } from "../../../lib/transport/rtp/section.ts";
import { VIDEO_SECTION } from "./section.ts";
import { Camera, numberOf } from "./camera.ts";

const SECTION: Section = {
  ...VIDEO_SECTION,
  codecs: new Map([[96, "VP8"], [98, "H264"]]),
};

/** A receiver with a clock of ours. */
class Receiving {
  readonly frames: number[] = [];
  readonly requested: { at: number; numbers: readonly number[] }[] = [];
  readonly keyframeRequests: number[] = [];
  readonly lines: string[] = [];
  readonly receiver: MediaReceiver;
  now = 0;

  constructor(section: Partial<Section> = {}, roundTripMs = 40) {
    this.receiver = new MediaReceiver({
      section: { ...SECTION, ...section },
      link: {
        roundTripMs,
        requestPackets: (_, numbers) =>
          this.requested.push({ at: this.now, numbers }),
        requestKeyframe: () => this.keyframeRequests.push(this.now),
      },
      log: createLogger({ write: (line) => this.lines.push(line) }),
      onFrame: (frame) => this.frames.push(numberOf(frame)),
    });
  }

  push(packet: RtpPacketView, isRepeated = false, payloadType = 96): void {
    const whole = { ...packet, version: 2 as const, payloadType, ssrc: 5 };
    this.receiver.receive(whole, this.now, isRepeated);
  }

  /** Has time pass; the receiver is woken when it wants to be. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let i = 0; this.receiver.wakeAt <= end; i++) {
      assertLess(i, 10_000, "woken without end");
      // Timers are a bit late.
      this.now = Math.max(this.now, this.receiver.wakeAt + 0.1);
      this.receiver.wake(this.now);
    }
    this.now = Math.max(this.now, end);
  }
}

Deno.test("What is missing is asked for, and its frame is whole when it comes", () => {
  const it = new Receiving();
  const camera = new Camera(65_530);
  const packets = [0, 1, 2].flatMap(() => camera.frame(5));
  const lost = packets[7];
  for (const packet of packets) {
    if (packet !== lost) it.push(packet);
    it.pass(1);
  }
  assertEquals(it.frames, [0]);
  it.pass(60);
  assertEquals(it.requested.map(({ numbers }) => numbers), [
    [lost.sequenceNumber],
    [lost.sequenceNumber],
  ]);
  it.push(lost, true);
  assertEquals(it.frames, [0, 1, 2]);
  assertEquals([it.receiver.wakeAt, it.keyframeRequests], [Infinity, []]);
  const { packetsRequested, packetsLost } = it.receiver.counters;
  assertEquals([packetsRequested, packetsLost], [2, 0]);
});

Deno.test("A packet that never comes is given up, and a keyframe asked for", () => {
  const it = new Receiving();
  const camera = new Camera();
  for (const packet of camera.frame(3)) it.push(packet);
  const cut = camera.frame(3);
  it.push(cut[0]);
  it.push(cut[2]);
  for (const packet of camera.frame(3)) it.push(packet);
  it.pass(1_000);
  assertEquals(it.frames, [0, 2]);
  assertEquals(it.keyframeRequests.length, 1);
  assertLess(it.keyframeRequests[0], 520);
  assertEquals(it.receiver.counters.packetsLost, 1);
  assertEquals(it.receiver.wakeAt, Infinity);
  // Until one comes it is asked for again, though not for each packet.
  for (let i = 0; i < 100; i++) {
    for (const packet of camera.frame(3)) it.push(packet);
    it.pass(20);
  }
  const gaps = it.keyframeRequests.slice(1)
    .map((at, i) => at - it.keyframeRequests[i]);
  assert(gaps.length >= 3 && gaps.every((ms) => ms >= 540), `${gaps}`);
  for (const packet of camera.frame(3, true)) it.push(packet);
  const { length } = it.keyframeRequests;
  for (let i = 0; i < 100; i++) {
    for (const packet of camera.frame(3)) it.push(packet);
    it.pass(20);
  }
  assertEquals(it.keyframeRequests.length, length);
});

Deno.test("A keyframe that came whole isn't held back by a hole before it", () => {
  const it = new Receiving();
  const camera = new Camera(65_530);
  for (const packet of camera.frame(3)) it.push(packet);
  const cut = camera.frame(3);
  for (const packet of [cut[0], cut[2], ...camera.frame(3)]) it.push(packet);
  it.pass(20);
  const keyframe = camera.frame(3, true);
  const [last] = keyframe.splice(2);
  for (const packet of keyframe) it.push(packet);
  // As long as a repair takes, it could still be that.
  it.pass(70);
  for (const packet of camera.frame(3)) it.push(packet);
  it.pass(20);
  assertEquals(it.frames, [0]);
  it.push(last);
  assertEquals(it.frames, [0, 2, 3, 4]);
  it.pass(1_000);
  assertEquals(it.keyframeRequests, []);
  assertEquals(it.receiver.counters.packetsLost, 1);
});

Deno.test("What comes after the end counts for nothing", () => {
  const it = new Receiving();
  const camera = new Camera(1);
  for (const packet of camera.frame(3)) it.push(packet);
  const [late, ...more] = camera.frame(3);
  it.push(late);
  it.receiver[Symbol.dispose]();
  const { counters } = it.receiver;
  for (const packet of [...more, ...camera.frame(3)]) it.push(packet);
  it.pass(1000);
  assertEquals(it.frames, [0]);
  assertEquals(it.receiver.counters, counters);
});

Deno.test("Without NACK nothing is asked for, and little waited", () => {
  const it = new Receiving({ hasNack: false });
  const camera = new Camera();
  for (const packet of camera.frame(3)) it.push(packet);
  for (const packet of camera.frame(3).slice(1)) it.push(packet);
  for (const packet of camera.frame(3)) it.push(packet);
  assertEquals(it.frames, [0]);
  it.pass(90);
  assertEquals([it.frames, it.requested], [[0, 2], []]);
});

Deno.test("A peer that changes its codec all the time fills no log", () => {
  const it = new Receiving();
  const camera = new Camera();
  for (let i = 0; i < 1_000; i++) {
    it.push(camera.frame(1)[0], false, i % 2 === 0 ? 96 : 98);
  }
  assertLess(it.lines.length, 20);
});

Deno.test("Of a thousand missing packets each is asked for once, in portions", () => {
  const it = new Receiving();
  const camera = new Camera();
  // Each other one never comes; packets come at once, as after a stall.
  const packets = camera.frame(4_000, true);
  it.push(packets[0]);
  for (let i = 1; i < packets.length; i += 2) it.push(packets[i]);
  it.pass(20);
  const requests = it.requested.flatMap(({ numbers }) => numbers).length;
  assert(requests > 900 && requests <= 1_024, `${requests}`);
  for (const { numbers } of it.requested) assertLess(numbers.length, 257);
});

Deno.test("Packets of other payload types, and in any order, harm nobody", () => {
  const it = new Receiving();
  const camera = new Camera(65_500);
  const packets = Array.from({ length: 50 }, () => camera.frame(3)).flat();
  let state = 1;
  for (const packet of packets) {
    state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0;
    if (state % 5 === 0) it.push(packet, false, 13);
    else it.push(packet, state % 3 === 0);
    if (state % 7 === 0) it.push(packet);
    it.pass(state % 4);
  }
  it.pass(2_000);
  assertEquals(it.receiver.wakeAt, Infinity);
  assertEquals(it.frames, it.frames.toSorted((a, b) => a - b));
});

Deno.test("A report is of the stream that came", () => {
  const it = new Receiving();
  assertEquals(it.receiver.report(0), undefined);
  const camera = new Camera(65_534);
  const packets = camera.frame(5);
  packets.forEach((packet, i) => i === 2 || it.push(packet));
  const block = it.receiver.report(10);
  assertEquals([block?.ssrc, block?.lost, block?.highest], [5, 1, 65_538]);
});

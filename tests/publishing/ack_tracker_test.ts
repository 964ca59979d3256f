import { assertEquals } from "@std/assert";
import { AckTracker } from "../../lib/publishing/ack_tracker.ts";
import type { AckMessage } from "../../lib/wire/messages.ts";

function ack(frame: number, more: Partial<AckMessage> = {}): AckMessage {
  return {
    type: "ack",
    frame,
    points: 1,
    frames: frame + 1,
    receivedAt: 0,
    heldMs: 0,
    ...more,
  };
}

/** Frames that arrived as they were sent, and otherwise. */
function counted({ verifier }: AckTracker): [number, number] {
  const { frames, mismatched } = verifier.summary();
  return [frames, mismatched];
}

Deno.test("AckTracker begins with nothing", () => {
  const tracker = new AckTracker();
  assertEquals(tracker.framesAcked, 0);
  assertEquals(tracker.latency(), { p50: null, p95: null });
  assertEquals(counted(tracker), [0, 0]);
});

Deno.test("AckTracker believes the receiver's own count", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 0);
  tracker.acknowledged(ack(0, { frames: 1 }), 10);
  tracker.acknowledged(ack(7, { frames: 5 }), 20);
  assertEquals(tracker.framesAcked, 5);
});

Deno.test("AckTracker takes off what the server held and half a round trip", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 1000);
  tracker.acknowledged(ack(0, { heldMs: 100 }), 1150, 20);
  assertEquals(tracker.latency(), { p50: 40, p95: 40 });
});

Deno.test("AckTracker takes no latency below 0", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 1000);
  tracker.acknowledged(ack(0, { heldMs: 500 }), 1010);
  assertEquals(tracker.latency().p50, 0);
});

Deno.test("AckTracker gives the nearest ranks", () => {
  const tracker = new AckTracker();
  const latencies = [50, 10, 30, 20, 40];
  for (const [frame, latency] of latencies.entries()) {
    tracker.sent(frame, 0);
    tracker.acknowledged(ack(frame), latency);
  }
  assertEquals(tracker.latency(), { p50: 30, p95: 50 });

  const many = new AckTracker();
  for (let frame = 0; frame < 100; frame++) {
    many.sent(frame, 0);
    many.acknowledged(ack(frame), frame + 1);
  }
  assertEquals(many.latency(), { p50: 50, p95: 95 });
});

Deno.test("AckTracker rounds to a tenth of a millisecond", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 0);
  tracker.acknowledged(ack(0), 12.3456);
  assertEquals(tracker.latency().p50, 12.3);
});

Deno.test("AckTracker measures each frame once, and no unknown ones", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 0);
  tracker.acknowledged(ack(5), 99);
  assertEquals(tracker.latency().p50, null);
  tracker.acknowledged(ack(0), 10);
  tracker.acknowledged(ack(0), 5000);
  assertEquals(tracker.latency(), { p50: 10, p95: 10 });
});

Deno.test("AckTracker takes earlier frames for told of", () => {
  const tracker = new AckTracker();
  for (let frame = 0; frame < 4; frame++) tracker.sent(frame, 0);
  tracker.acknowledged(ack(2), 10);
  tracker.acknowledged(ack(1), 5000);
  assertEquals(tracker.latency(), { p50: 10, p95: 10 });
  tracker.acknowledged(ack(3), 10);
  assertEquals(tracker.latency(), { p50: 10, p95: 10 });
});

Deno.test("AckTracker goes on past the wrap of the frame number", () => {
  const tracker = new AckTracker();
  for (const frame of [0xfffffffe, 0xffffffff, 0, 1]) tracker.sent(frame, 0);
  tracker.acknowledged(ack(0, { frames: 3 }), 10);
  tracker.acknowledged(ack(0xffffffff, { frames: 3 }), 5000);
  tracker.acknowledged(ack(1, { frames: 4 }), 20);
  assertEquals(tracker.latency(), { p50: 10, p95: 20 });
  assertEquals(tracker.framesAcked, 4);
});

Deno.test("AckTracker compares checksums", () => {
  const tracker = new AckTracker();
  for (let frame = 0; frame < 4; frame++) tracker.sent(frame, 0, 100 + frame);
  tracker.acknowledged(ack(1, { checksums: [[0, 100], [1, 101]] }), 10);
  assertEquals(counted(tracker), [2, 0]);
  tracker.acknowledged(ack(3, { checksums: [[2, 999], [3, 103]] }), 10);
  assertEquals(counted(tracker), [3, 1]);
  // Of a frame that was never sent.
  tracker.acknowledged(ack(9, { checksums: [[9, 1]] }), 10);
  assertEquals(counted(tracker), [3, 2]);
});

Deno.test("AckTracker remembers a bounded number of frames", () => {
  const tracker = new AckTracker();
  for (let frame = 0; frame < 5000; frame++) tracker.sent(frame, 0);
  tracker.acknowledged(ack(3900), 10);
  assertEquals(tracker.latency().p50, null);
  tracker.acknowledged(ack(4999), 10);
  assertEquals(tracker.latency().p50, 10);
});

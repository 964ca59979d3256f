import { assertEquals } from "@std/assert";
import {
  FrameReceiver,
  type FrameReceiverEvents,
} from "../../lib/playing/frame_receiver.ts";
import { float32Fields, namesOf } from "../../lib/points/cloud.ts";
import { encodeF32 } from "../../lib/points/f32/f32.ts";
import { type EncodedFrame, splitFrame } from "../../lib/wire/frame.ts";

/** What a receiver tells of, written down. */
function listen(): { receiver: FrameReceiver; told: unknown[] } {
  const told: unknown[] = [];
  const events: FrameReceiverEvents = {
    onHello: () => told.push("hello"),
    onFrame: ({ number, points, fields, stream }: EncodedFrame) =>
      told.push([number, points, namesOf(fields).join(" "), stream]),
    onInvalid: ({ reason }) => told.push(reason),
    onDraining: ({ seconds }) => told.push(["draining", seconds]),
    onBye: ({ reason, code }) => told.push(["bye", reason, code]),
  };
  return { receiver: new FrameReceiver("points", events), told };
}

/** The messages of a frame of f32. */
function messagesOf(number: number, points: number, fieldCount = 3) {
  const bytes = encodeF32(new Float32Array(points * fieldCount));
  const info = { number, codec: "f32", points, captureTime: 0 } as const;
  return [...splitFrame(bytes, info, 100)];
}

Deno.test("FrameReceiver gives whole frames, with the fields told before", () => {
  const { receiver, told } = listen();
  receiver.push('{"type":"hello","protocol":"pointwire.v1"}');
  for (const message of messagesOf(0, 20)) receiver.push(message);
  const layout = float32Fields(["x", "y", "z", "intensity"]);
  receiver.push(JSON.stringify({ type: "fields", ...layout }));
  for (const message of messagesOf(1, 20, 4)) receiver.push(message);
  assertEquals(told, [
    "hello",
    [0, 20, "x y z", "points"],
    [1, 20, "x y z intensity", "points"],
  ]);
  const bytes = 20 * 3 * 4 + 20 * 4 * 4;
  assertEquals(receiver.counters, { frames: 2, bytes, skipped: 0, invalid: 0 });
});

Deno.test("FrameReceiver counts the numbers that are missing, across the wrap", () => {
  const { receiver } = listen();
  for (const number of [0xffff_fffd, 0xffff_ffff, 0, 4]) {
    for (const message of messagesOf(number, 1)) receiver.push(message);
  }
  const { frames, skipped } = receiver.counters;
  assertEquals([frames, skipped], [4, 4]);
});

Deno.test("FrameReceiver passes over what can't be read", () => {
  const { receiver, told } = listen();
  receiver.push(new Uint8Array(3));
  // Its bytes are not as many points as it says.
  const [message] = messagesOf(0, 2);
  message[8] = 3;
  receiver.push(message);
  receiver.push("no JSON");
  receiver.push('{"type":"unknown"}');
  for (const message of messagesOf(1, 1)) receiver.push(message);
  assertEquals(told, ["length", "header", [1, 1, "x y z", "points"]]);
  assertEquals(receiver.counters.invalid, 2);
});

Deno.test("FrameReceiver hands on what the server says of the end", () => {
  const { receiver, told } = listen();
  receiver.push('{"type":"draining","reason":"why","seconds":5}');
  receiver.push('{"type":"bye","reason":"because","code":"stopped"}');
  assertEquals(told, [["draining", 5], ["bye", "because", "stopped"]]);
});

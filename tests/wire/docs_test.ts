/** The worked example of docs/wire.md, against what the code writes. */
import { assertEquals } from "@std/assert";
import { createCloud, toFloat32 } from "../../lib/points/cloud.ts";
import { splitFrame } from "../../lib/wire/frame.ts";
import { FrameReader } from "../../lib/wire/frame_reader.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";
import {
  fieldsMessage,
  layoutOf,
  parseClientMessage,
} from "../../lib/wire/messages.ts";
import { ROOT } from "../support.ts";

const text = await Deno.readTextFile(`${ROOT}docs/wire.md`);
const example = text.slice(text.indexOf("### A frame, byte by byte"));
const fields = /```json\n([\s\S]*?)```/.exec(example)![1];
const hex = /```text\n([\s\S]*?)```/.exec(example)![1].split("\n")
  .flatMap((line) => /^(?:[0-9a-f]{2} )+/.exec(line)?.[0].trim() ?? [])
  .join("").replaceAll(" ", "");
const bytes = Uint8Array.fromHex(hex);

Deno.test("docs/wire.md's example is read as it says", () => {
  const message = parseClientMessage(fields);
  if (message?.type !== "fields") throw new Error(fields);
  const reader = new FrameReader("points");
  reader.setLayout(layoutOf(message));
  const read: unknown[] = [];
  const reassembler = new FrameReassembler({
    onFrame(info, bytes) {
      const frame = reader.read(info, bytes);
      const values = [...toFloat32(reader.decode(frame))];
      read.push(frame.number, frame.codec, frame.captureTime, values);
    },
    onInvalid: (error) => read.push(error.message),
  });
  reassembler.push(bytes);
  assertEquals(read, [
    ...[300, "raw", Date.UTC(2026, 10, 28)],
    [1.5, -2, 0.25, 7, 1.75, -2, 0.25, 8],
  ]);
});

Deno.test("docs/wire.md's example is what is written", () => {
  const message = parseClientMessage(fields);
  if (message?.type !== "fields") throw new Error(fields);
  const cloud = createCloud({ ...layoutOf(message), data: bytes.slice(24) });
  assertEquals<unknown>(fieldsMessage(cloud), JSON.parse(fields));
  const info = {
    number: 300,
    codec: "raw",
    points: cloud.points,
    captureTime: Date.UTC(2026, 10, 28),
  } as const;
  assertEquals([...splitFrame(cloud.data, info, 16_356)], [bytes]);
});

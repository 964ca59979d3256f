import { assertEquals } from "@std/assert";
import { joinBytes } from "../../lib/points/join_bytes.ts";
import {
  parseSessionMessage,
  type SessionMessage,
} from "../../lib/wire/session_messages.ts";
import {
  mediaRecord,
  pointsRecord,
  readMedia,
  readRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordParts,
  textRecord,
} from "../../lib/wire/session_records.ts";
import { ROOT } from "../support.ts";

/** A record's header and the rest. */
function split(parts: RecordParts) {
  const bytes = joinBytes(parts);
  const rest = bytes.slice(RECORD_HEADER_BYTES);
  const header = readRecordHeader(bytes);
  assertEquals(header.bytes, rest.length);
  return { header, rest };
}

Deno.test("a picture's record says what it is of, and when it was captured", () => {
  const data = Uint8Array.of(1, 2, 3);
  const captureTime = Date.UTC(2026, 10, 28) + 0.25;
  const { header, rest } = split(
    mediaRecord(513, { isKeyframe: true, captureTime, data }),
  );
  assertEquals(header, { kind: "media", bytes: 11, isKeyframe: true, of: 513 });
  assertEquals(readMedia(rest), { captureTime, data });
  assertEquals(readMedia(rest.slice(0, 7)), undefined);
  const nan = new Uint8Array(8).fill(0xff);
  assertEquals(readMedia(nan), undefined);
});

Deno.test("a record of points is a message of their channel", () => {
  const { header, rest } = split(pointsRecord(2, Uint8Array.of(1, 2)));
  assertEquals(header, { kind: "points", bytes: 2, isKeyframe: false, of: 2 });
  assertEquals([...rest], [1, 2]);
  const text = split(pointsRecord(0, { type: "hello" })).rest;
  assertEquals(new TextDecoder().decode(text), '{"type":"hello"}');
});

Deno.test("a kind that isn't known yet has a header that is read", () => {
  const bytes = Uint8Array.of(5, 0, 0, 0, 9, 0xff, 1, 0);
  assertEquals(readRecordHeader(bytes), {
    ...{ kind: undefined, bytes: 5, isKeyframe: true, of: 1 },
  });
});

Deno.test("a session's messages are read, and nothing else", () => {
  const messages: SessionMessage[] = [
    {
      type: "tracks",
      tracks: [
        { kind: "video", name: "front", codec: "H264" },
        { kind: "audio", codec: null },
      ],
    },
    { type: "bye", reason: "it was asked to", code: "stopped" },
  ];
  for (const message of messages) {
    const { header, rest } = split(textRecord(message));
    assertEquals(header.kind, "text");
    const text = new TextDecoder().decode(rest);
    assertEquals(parseSessionMessage(text), message);
  }
  const strange = [
    "",
    "null",
    "[]",
    '{"type":"hello","protocol":"pointwire.v1"}',
    '{"type":"tracks"}',
    '{"type":"tracks","tracks":[null]}',
    '{"type":"tracks","tracks":[{"kind":"smell","codec":null}]}',
    '{"type":"tracks","tracks":[{"kind":"video","codec":7}]}',
    '{"type":"tracks","tracks":[{"kind":"video","codec":null,"name":7}]}',
    JSON.stringify({
      type: "tracks",
      tracks: Array(65).fill({ kind: "audio", codec: null }),
    }),
  ];
  for (const text of strange) {
    assertEquals(parseSessionMessage(text), undefined, text);
  }
});

Deno.test("docs/wire.md's record is what is written", async () => {
  const text = await Deno.readTextFile(`${ROOT}docs/wire.md`);
  const example = text.slice(text.indexOf("### A session in a body"));
  const hex = /```text\n([\s\S]*?)```/.exec(example)![1].split("\n")
    .flatMap((line) => /^(?:[0-9a-f]{2} )+/.exec(line)?.[0].trim() ?? [])
    .join("").replaceAll(" ", "");
  const data = Uint8Array.of(0xfc, 0xff, 0xfe);
  const captureTime = Date.UTC(2026, 10, 28);
  const parts = mediaRecord(1, { isKeyframe: true, captureTime, data });
  assertEquals(Uint8Array.fromHex(hex), joinBytes(parts));
});

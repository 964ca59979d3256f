import { assert, assertEquals } from "@std/assert";
import { packFields } from "../../lib/points/field.ts";
import {
  type AckMessage,
  BYE_CODES,
  type FieldsMessage,
  fieldsMessage,
  layoutOf,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
} from "../../lib/wire/messages.ts";

const ACK: AckMessage = {
  type: "ack",
  frame: 4294967295,
  points: 100_000,
  frames: 12,
  receivedAt: 1_700_000_000_000.5,
  heldMs: 0,
};

/** Texts that are no message of either side. */
const NO_MESSAGES = [
  "",
  "hello",
  "{",
  "null",
  "5",
  '"hello"',
  "[]",
  "{}",
  '{"type":null}',
  '{"type":"toString"}',
  '{"type":["hello"]}',
  '{"Type":"hello","protocol":"pointwire.v1"}',
];

Deno.test("parseServerMessage() reads each of the server's messages", () => {
  const messages: ServerMessage[] = [
    { type: "hello", protocol: "pointwire.v1" },
    {
      type: "hello",
      protocol: "pointwire.v1",
      limits: { framePoints: 1000, frameBytes: 64_000 },
    },
    ACK,
    { ...ACK, checksums: [[1, 0], [2, 0xffffffff]] },
    {
      ...{ type: "track-clock", mid: "1", rtpTimestamp: 4294967295 },
      ...{ clockRate: 90_000, time: 1_700_000_000_000.5 },
    },
    { type: "draining", reason: "the server stops", seconds: 0.5 },
    ...BYE_CODES.map((code): ServerMessage => (
      { type: "bye", reason: "the server stopped", code }
    )),
  ];
  for (const message of messages) {
    assertEquals(parseServerMessage(JSON.stringify(message)), message);
  }
});

Deno.test("parseServerMessage() takes nothing else for a message", () => {
  for (const text of NO_MESSAGES) {
    assertEquals(parseServerMessage(text), undefined, text);
  }
  const others = [{ type: "verify" }, { type: "helo" }, { ...ACK, type: "a" }];
  for (const other of others) {
    assertEquals(parseServerMessage(JSON.stringify(other)), undefined);
  }
});

Deno.test("parseServerMessage() takes no other protocol for ours", () => {
  for (const protocol of ["pointwire.v2", "", null, undefined, 1]) {
    const text = JSON.stringify({ type: "hello", protocol });
    assertEquals(parseServerMessage(text), undefined, text);
  }
});

Deno.test("parseServerMessage() takes no acknowledgement that lacks a number", () => {
  const names = ["frame", "points", "frames", "receivedAt", "heldMs"] as const;
  for (const name of names) {
    for (const value of [undefined, null, "1", true, {}]) {
      const text = JSON.stringify({ ...ACK, [name]: value });
      assertEquals(parseServerMessage(text), undefined, text);
    }
    // JSON.parse() makes Infinity of it.
    const text = JSON.stringify({ ...ACK, [name]: 0 })
      .replace(`"${name}":0`, `"${name}":1e999`);
    assertEquals(parseServerMessage(text), undefined, text);
  }
  for (const checksums of [null, 5, "1", {}]) {
    const text = JSON.stringify({ ...ACK, checksums });
    assertEquals(parseServerMessage(text), undefined, text);
  }
});

Deno.test("a server's reasons are fit to be shown", () => {
  const reason = "so\x1b[2J\n\x9b1m\u202e" + "x".repeat(10_000);
  const shown = "so\\u001b[2J\\u000a\\u009b1m\\u202e";
  const messages = [{ type: "bye" }, { type: "draining", seconds: 1 }];
  for (const message of messages) {
    const read = parseServerMessage(JSON.stringify({ ...message, reason }));
    assert(read?.type === "bye" || read?.type === "draining");
    assertEquals(read.reason.slice(0, shown.length), shown);
    assertEquals(read.reason.length, 200);
  }
});

Deno.test("parseServerMessage() reads a goodbye without a reason", () => {
  const message = parseServerMessage('{"type":"bye"}');
  assertEquals(message?.type, "bye");
  assertEquals(typeof (message as { reason: unknown }).reason, "string");
});

Deno.test("parseServerMessage() takes no time for draining that is none", () => {
  for (const seconds of [undefined, null, -1, "10"]) {
    const text = JSON.stringify({ type: "draining", reason: "so", seconds });
    assertEquals(parseServerMessage(text), undefined, text);
  }
});

Deno.test("parseServerMessage() takes a code it doesn't know for an end", () => {
  for (const code of [undefined, null, 1, "", "Stopped", "toString"]) {
    const text = JSON.stringify({ type: "bye", reason: "so", code });
    const expected: ServerMessage = {
      type: "bye",
      reason: "so",
      code: "ended",
    };
    assertEquals(parseServerMessage(text), expected);
  }
});

Deno.test("parseClientMessage() reads a request for checksums", () => {
  assertEquals(parseClientMessage('{"type":"verify"}'), { type: "verify" });
});

Deno.test("parseClientMessage() takes nothing else for a message", () => {
  for (const text of NO_MESSAGES) {
    assertEquals(parseClientMessage(text), undefined, text);
  }
  for (const type of ["hello", "ack", "bye", "verified"]) {
    assertEquals(parseClientMessage(JSON.stringify({ type })), undefined);
  }
});

const TYPED: FieldsMessage = {
  type: "fields",
  ...packFields([
    { name: "t", type: "uint64" },
    { name: "x", type: "float32" },
    { name: "y", type: "float64" },
    { name: "z", type: "int16" },
  ]),
  height: 480,
  viewpoint: { translation: [1, -2, 0.5], rotation: [0, 0, 0, 1] },
};

Deno.test("parseClientMessage() reads how points lie", () => {
  const flat = { type: "fields", fields: TYPED.fields, stride: 40 } as const;
  for (const message of [TYPED, flat]) {
    const text = JSON.stringify({ ...message, more: "is passed over" });
    assertEquals(parseClientMessage(text), message);
    assertEquals(fieldsMessage(layoutOf(message)), message);
  }
});

Deno.test("parseClientMessage() takes no layout that is none, or too large", () => {
  const field = TYPED.fields[0];
  const many = Array.from({ length: 513 }, (_, i) => ({
    ...field,
    name: `${i}`,
  }));
  const changes = [
    { fields: ["x", "y", "z"] },
    { fields: null },
    { fields: many },
    { fields: [{ ...field, type: "float16" }] },
    { fields: [{ ...field, name: "n".repeat(65) }] },
    { fields: [{ ...field, offset: -1 }] },
    { fields: [{ ...field, offset: 0.5 }] },
    { fields: [null] },
    { stride: 0 },
    { stride: 65_537 },
    { stride: "40" },
    { height: 0 },
    { height: 1.5 },
    { viewpoint: { translation: [1, 2], rotation: [0, 0, 0, 1] } },
    { viewpoint: 5 },
  ];
  for (const change of changes) {
    const text = JSON.stringify({ ...TYPED, ...change });
    assertEquals(parseClientMessage(text), undefined, text);
  }
});

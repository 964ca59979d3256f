import { assertEquals, assertThrows } from "@std/assert";
import { joinPiece, readPiece } from "../../lib/cluster/posted_pieces.ts";

const HEAD = {
  ...{ id: "a", session: "b", stream: "points", format: "npy" as const },
  ...{ captureTime: 1.5, isText: false, at: 0, total: 3 },
};

Deno.test("A piece comes over as it was", () => {
  const piece = new Uint8Array([1, 2, 3]);
  const message = joinPiece(HEAD, piece);
  // As NATS gives it: a part of a larger buffer.
  const buffer = new Uint8Array(message.length + 7);
  buffer.set(message, 7);
  assertEquals(readPiece(buffer.subarray(7)), { head: HEAD, piece });
});

Deno.test("What is no piece is an error", () => {
  const none = new Uint8Array();
  const heads: object[] = [
    { ...HEAD, at: -1 },
    { ...HEAD, total: 0.5 },
    { ...HEAD, total: 2 ** 60 },
    { ...HEAD, format: "constructor" },
    { ...HEAD, captureTime: "now" },
    { ...HEAD, stream: "s".repeat(201) },
    { ...HEAD, session: 7 },
    {},
  ];
  const messages = [
    ...heads.map((head) => joinPiece(head as typeof HEAD, none)),
    none,
    new Uint8Array([255, 255, 255, 255, 1]),
    new TextEncoder().encode("....no JSON"),
    joinPiece(HEAD, none).subarray(0, 20),
  ];
  for (const message of messages) {
    assertThrows(() => readPiece(message), TypeError);
  }
});

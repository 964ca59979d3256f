import { assert, assertEquals } from "@std/assert";
import { parseRtp } from "../../lib/media/rtp.ts";

const FIXED = [0x60, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0, 0, 0, 42];

function packet(first: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(first, ...FIXED, ...rest);
}

Deno.test("parseRtp() reads the fixed header", () => {
  assertEquals(parseRtp(packet(0x80, 1, 2, 3)), {
    version: 2,
    marker: false,
    payloadType: 96,
    sequenceNumber: 0x1234,
    timestamp: 0xfedcba98,
    ssrc: 42,
    payload: Uint8Array.of(1, 2, 3),
  });
});

Deno.test("parseRtp() reads the marker bit", () => {
  const bytes = packet(0x80);
  bytes[1] |= 0x80;
  const parsed = parseRtp(bytes);
  assertEquals([parsed?.marker, parsed?.payloadType], [true, 96]);
});

Deno.test("parseRtp() reads a view at an offset of its buffer", () => {
  const bytes = new Uint8Array(20);
  bytes.set(packet(0x80, 7), 5);
  assertEquals(parseRtp(bytes.subarray(5, 18))?.payload, Uint8Array.of(7));
});

Deno.test("parseRtp() leaves out contributors, extension and padding", () => {
  const contributors = [0, 0, 0, 1, 0, 0, 0, 2];
  const extension = [0xbe, 0xde, 0, 1, 9, 9, 9, 9];
  const bytes = packet(0xb2, ...contributors, ...extension, 5, 6, 0, 0, 3);
  assertEquals(parseRtp(bytes)?.payload, Uint8Array.of(5, 6));
});

Deno.test("parseRtp() reads a packet of padding alone as empty", () => {
  assertEquals(parseRtp(packet(0xa0, 0, 0, 0, 4))?.payload.length, 0);
});

Deno.test("parseRtp() refuses what isn't RTP or doesn't fit", () => {
  const malformed = {
    empty: new Uint8Array(0),
    "11 bytes": packet(0x80).subarray(0, 11),
    "version 1": packet(0x40),
    "version 3": packet(0xc0),
    "missing contributors": packet(0x8f, 1, 2, 3),
    "no room for the extension's header": packet(0x90, 0xbe, 0xde, 0),
    "extension too long": packet(0x90, 0xbe, 0xde, 0, 2, 1, 2, 3, 4),
    "padding of 0": packet(0xa0, 1, 0),
    "padding too long": packet(0xa0, 1, 3),
    "padding without payload": packet(0xa0),
    "padding into the extension": packet(0xb0, 0xbe, 0xde, 0, 1, 0, 0, 0, 5),
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    assert(parseRtp(bytes) === undefined, name);
  }
});

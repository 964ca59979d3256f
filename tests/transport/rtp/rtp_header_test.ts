import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRtp } from "../../../lib/media/rtp.ts";
import {
  extensionOf,
  writeHeader,
} from "../../../lib/transport/rtp/rtp_header.ts";

const FIELDS = {
  payloadType: 96,
  sequenceNumber: 65_535,
  timestamp: 0xfedcba98,
  marker: true,
  ssrc: 0x01020304,
};

/** A packet with extensions of one profile. */
function extended(profile: number, ...bytes: number[]): Uint8Array {
  const words = bytes.length >> 2;
  return Uint8Array.of(
    ...[0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
    ...[profile >> 8, profile & 0xff, words >> 8, words & 0xff, ...bytes],
    42,
  );
}

const valueOf = (packet: Uint8Array, id: number) => {
  const value = extensionOf(packet, id);
  return value && [...value];
};

Deno.test("A header is written as RFC 3550 and RFC 8285 have it", () => {
  const fixed = [0xff, 0xff, 0xfe, 0xdc, 0xba, 0x98, 1, 2, 3, 4];
  assertEquals([...writeHeader(FIELDS)], [0x80, 0xe0, ...fixed]);
  assertEquals([...writeHeader(FIELDS, [{ id: 3, value: 0x1234, bytes: 2 }])], [
    ...[0x90, 0xe0, ...fixed],
    ...[0xbe, 0xde, 0, 1, 0x31, 0x12, 0x34, 0],
  ]);
});

Deno.test("Several extensions fill one header, padded to words", () => {
  const short = { id: 3, value: 0x1234, bytes: 2 };
  const other = { id: 5, value: 0xabcdef, bytes: 3 };
  assertEquals([...writeHeader(FIELDS, [short, other]).subarray(12)], [
    ...[0xbe, 0xde, 0, 2],
    ...[0x31, 0x12, 0x34, 0x52, 0xab, 0xcd, 0xef, 0],
  ]);
  const long = writeHeader(FIELDS, [short, { ...other, id: 15 }]);
  assertEquals([...long.subarray(12)], [
    ...[0x10, 0, 0, 3],
    ...[3, 2, 0x12, 0x34, 15, 3, 0xab, 0xcd, 0xef, 0, 0, 0],
  ]);
  assertEquals(valueOf(long, 15), [0xab, 0xcd, 0xef]);
});

Deno.test("A number with a large id takes a header of two bytes", () => {
  for (const id of [15, 16, 255]) {
    const header = writeHeader(FIELDS, [{ id, value: 0x1234, bytes: 2 }]);
    assertEquals([...header.subarray(12)], [0x10, 0, 0, 1, id, 2, 0x12, 0x34]);
  }
});

Deno.test("A header is read again, with the number that it has", () => {
  const number = fc.nat(65_535);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), number, (id, number) => {
      const packet = Uint8Array.of(
        ...writeHeader(FIELDS, [{ id, value: number, bytes: 2 }]),
        7,
        8,
      );
      const payload = Uint8Array.of(7, 8);
      assertEquals(parseRtp(packet), { version: 2, ...FIELDS, payload });
      assertEquals(valueOf(packet, id), [number >> 8, number & 0xff]);
      assertEquals(extensionOf(packet, id % 255 + 1), undefined);
    }),
  );
});

Deno.test("extensionOf() passes over padding and other extensions", () => {
  const short = extended(0xbede, 0, 0x10, 9, 0, 0, 0x32, 1, 2, 3, 0, 0, 0);
  assertEquals(valueOf(short, 1), [9]);
  assertEquals(valueOf(short, 3), [1, 2, 3]);
  assertEquals(valueOf(short, 2), undefined);
  const long = extended(0x100f, 7, 0, 200, 3, 1, 2, 3, 0);
  assertEquals(valueOf(long, 7), []);
  assertEquals(valueOf(long, 200), [1, 2, 3]);
});

Deno.test("extensionOf() ends at the id that ends one-byte headers", () => {
  assertEquals(valueOf(extended(0xbede, 0xf0, 1, 0x30, 2), 3), undefined);
  assertEquals(valueOf(extended(0xbede, 0xf0, 1, 0x30, 2), 15), undefined);
});

Deno.test("extensionOf() finds nothing in other profiles, and without them", () => {
  assertEquals(valueOf(extended(0x1234, 0x30, 1, 0, 0), 3), undefined);
  assertEquals(valueOf(writeHeader(FIELDS), 3), undefined);
});

Deno.test("extensionOf() gives nothing that goes beyond its end", () => {
  // Four bytes are told, three are there.
  assertEquals(valueOf(extended(0xbede, 0x33, 1, 2, 3), 3), undefined);
  assertEquals(valueOf(extended(0x1000, 3, 3, 2, 3), 3), undefined);
  // A header of two bytes of which one is there.
  assertEquals(valueOf(extended(0x1000, 1, 1, 9, 3), 3), undefined);
});

Deno.test("extensionOf() takes packets of any length and content", () => {
  const packet = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(packet, fc.nat(255), fc.boolean(), (bytes, id, isShort) => {
      if (bytes.length > 14) {
        bytes[0] = 0x90;
        bytes.set(isShort ? [0xbe, 0xde, 0] : [0x10, 0, 0], 12);
      }
      const value = extensionOf(bytes, id);
      assert(value === undefined || value.buffer === bytes.buffer);
      if (value === undefined) return;
      assert(value.byteOffset + value.length <= bytes.length);
    }),
    { numRuns: 2_000 },
  );
});

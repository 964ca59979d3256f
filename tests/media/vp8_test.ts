import { assertEquals } from "@std/assert";
import {
  parseVp8Header,
  parseVp8Payload,
  vp8Format,
} from "../../lib/media/vp8.ts";

const DATA = Uint8Array.of(0xaa, 0xbb);

/** What a payload of these descriptor bytes and DATA says, without the data. */
function descriptor(...bytes: number[]) {
  const parsed = parseVp8Payload(Uint8Array.of(...bytes, ...DATA));
  assertEquals(parsed?.data, DATA);
  const { data: _, ...fields } = parsed!;
  return fields;
}

const PLAIN = { nonReference: false, partitionStart: false, partition: 0 };

Deno.test("parseVp8Payload() reads the byte that is always there", () => {
  assertEquals(descriptor(0x00), PLAIN);
  assertEquals(descriptor(0x10), { ...PLAIN, partitionStart: true });
  assertEquals(descriptor(0x20), { ...PLAIN, nonReference: true });
  assertEquals(descriptor(0x07), { ...PLAIN, partition: 7 });
});

Deno.test("parseVp8Payload() reads picture ids of 7 and of 15 bits", () => {
  assertEquals(descriptor(0x80, 0x80, 0x7f), { ...PLAIN, pictureId: 0x7f });
  assertEquals(
    descriptor(0x80, 0x80, 0xff, 0xfe),
    { ...PLAIN, pictureId: 0x7ffe },
  );
});

Deno.test("parseVp8Payload() reads each extension alone", () => {
  assertEquals(descriptor(0x80, 0x00), PLAIN);
  assertEquals(descriptor(0x80, 0x40, 200), { ...PLAIN, tl0PicIdx: 200 });
  assertEquals(
    descriptor(0x80, 0x20, 0xbf),
    { ...PLAIN, temporalLayer: 2, layerSync: true },
  );
  assertEquals(descriptor(0x80, 0x10, 0xff), { ...PLAIN, keyIndex: 31 });
});

Deno.test("parseVp8Payload() reads all extensions together", () => {
  assertEquals(descriptor(0x90, 0xf0, 0x81, 0x02, 3, 0x44), {
    nonReference: false,
    partitionStart: true,
    partition: 0,
    pictureId: 0x102,
    tl0PicIdx: 3,
    temporalLayer: 1,
    layerSync: false,
    keyIndex: 4,
  });
});

Deno.test("parseVp8Payload() refuses a payload that ends in the descriptor or right after it", () => {
  const whole = [0x90, 0xf0, 0x81, 0x02, 3, 0x44];
  for (let length = 1; length <= whole.length; length++) {
    const payload = Uint8Array.from(whole.slice(0, length));
    assertEquals(parseVp8Payload(payload), undefined);
  }
});

Deno.test("parseVp8Header() reads a keyframe's size without its scale", () => {
  const header = [0x10, 0, 0, 0x9d, 0x01, 0x2a];
  assertEquals(
    parseVp8Header(Uint8Array.of(...header, 0x80, 0x42, 0xff, 0xff)),
    { keyframe: true, width: 640, height: 0x3fff },
  );
});

Deno.test("parseVp8Header() tells an inter frame by its first bit", () => {
  assertEquals(parseVp8Header(Uint8Array.of(1, 0, 0)), { keyframe: false });
});

Deno.test("parseVp8Header() refuses what can't be a frame", () => {
  const header = [0x10, 0, 0, 0x9d, 0x01, 0x2a];
  for (
    const bytes of [
      [],
      [1, 0],
      [...header, 0x40, 1, 0x40],
      [0x10, 0, 0, 0x9d, 0x01, 0x2b, 0x40, 1, 0x40, 1],
      [...header, 0, 0x40, 0x40, 1],
      [...header, 0x40, 1, 0, 0xc0],
    ]
  ) assertEquals(parseVp8Header(Uint8Array.from(bytes)), undefined);
});

Deno.test("vp8Format begins a frame where partition 0 starts", () => {
  const begins = (first: number) =>
    vp8Format.read(Uint8Array.of(first, 1))?.begins;
  assertEquals(begins(0x10), "certain");
  assertEquals(begins(0x00), "never");
  assertEquals(begins(0x11), "never");
});

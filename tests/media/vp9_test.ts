import { assertEquals } from "@std/assert";
import { beginsVp9Keyframe, parseVp9Payload } from "../../lib/media/vp9.ts";

const DATA = [0xaa, 0xbb];
const read = (...descriptor: number[]) =>
  parseVp9Payload(Uint8Array.of(...descriptor, ...DATA));

Deno.test("parseVp9Payload() passes over each part of a descriptor", () => {
  const descriptors = [
    [0x00],
    [0x80, 0x7f],
    [0x80, 0xff, 0xff],
    [0x20, 0x06, 9], // layers, TL0PICIDX
    [0x30, 0x06], // of flexible mode without it
    [0x50, 0x02], // one reference
    [0x50, 0x03, 0x05, 0x06], // three
    [0x02, 0x00], // a structure without anything
    [0x02, 0x08, 2, 0x14, 1, 0x08, 1, 2], // pictures with 1 and 2 references
    [0x02, 0x38, 0, 160, 0, 120, 1, 64, 0, 240, 1, 0x14, 1],
  ];
  for (const descriptor of descriptors) {
    assertEquals([...read(...descriptor)!.data], DATA, `${descriptor}`);
    // One that ends within it, or right after it.
    for (let length = 0; length <= descriptor.length; length++) {
      const cut = Uint8Array.from(descriptor.slice(0, length));
      assertEquals(parseVp9Payload(cut), undefined);
    }
  }
  assertEquals(read(0x50, 3, 5, 7, 8), undefined, "four references");
});

Deno.test("parseVp9Payload() tells the size of the highest layer", () => {
  const { size, spatialLayer } = read(
    0x2a,
    0x04,
    1,
    0x30,
    0,
    160,
    0,
    120,
    1,
    64,
    0,
    240,
  )!;
  assertEquals([size, spatialLayer], [{ width: 320, height: 240 }, 2]);
});

Deno.test("beginsVp9Keyframe() takes the lowest layer's first packet", () => {
  const key = [0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0e, 0xf0];
  const begins = (...descriptor: number[]) =>
    beginsVp9Keyframe(Uint8Array.of(...descriptor, ...key));
  assertEquals(begins(0x08), true);
  assertEquals(begins(0x00), false);
  assertEquals(begins(0x48), false);
  assertEquals(begins(0x28, 0x02, 1), false);
});

import { assertEquals, assertThrows } from "@std/assert";
import { oggCrc, OggOpusWriter } from "../../lib/recording/ogg_opus.ts";

/** What an Ogg page's header says, and its packets (RFC 3533 section 6). */
function parsePage(page: Uint8Array) {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const zeroed = page.slice();
  zeroed.fill(0, 22, 26);
  assertEquals(new TextDecoder().decode(page.subarray(0, 4)), "OggS");
  assertEquals(view.getUint8(4), 0);
  assertEquals(view.getUint32(22, true), oggCrc(zeroed));
  const segments = view.getUint8(26);
  const packets: Uint8Array[] = [];
  let start = 27 + segments;
  let end = start;
  for (const lacing of page.subarray(27, start)) {
    end += lacing;
    if (lacing < 255) packets.push(page.slice(start, start = end));
  }
  assertEquals([start, end], [page.length, page.length]);
  return {
    flags: view.getUint8(5),
    granule: Number(view.getBigUint64(6, true)),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    packets,
  };
}

/** A packet of 20 ms and of this many bytes. */
function packet(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(0x55).fill(0xfc, 0, 1);
}

Deno.test("oggCrc() is the CRC-32 of Ogg", () => {
  // The check value of this CRC: polynomial 04C11DB7, initial value 0, as is.
  assertEquals(oggCrc(new TextEncoder().encode("123456789")), 0x89a1897f);
});

Deno.test("OggOpusWriter begins with the two header pages", () => {
  const writer = new OggOpusWriter({ serial: 0xfedcba98 });
  const [head, tags] = writer.header().map(parsePage);
  assertEquals(
    [head.flags, head.granule, head.serial, head.sequence],
    [2, 0, 0xfedcba98, 0],
  );
  // deno-fmt-ignore
  assertEquals(head.packets.map((bytes) => [...bytes]), [[
    ...new TextEncoder().encode("OpusHead"),
    1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0,
  ]]);
  assertEquals([tags.flags, tags.granule, tags.sequence], [0, 0, 1]);
  assertEquals(
    new TextDecoder().decode(tags.packets[0]),
    "OpusTags\x09\0\0\0pointwire\0\0\0\0",
  );
});

Deno.test("OggOpusWriter closes a page a second", () => {
  const writer = new OggOpusWriter();
  writer.header();
  const pages = Array.from({ length: 60 }, () => writer.write(packet(9)));
  const full = pages.flat().map(parsePage);
  const [last] = writer.close().map(parsePage);
  assertEquals(full.map(({ granule }) => granule), [48_000]);
  assertEquals(full[0].packets.length, 50);
  assertEquals(
    [last.flags, last.sequence, last.granule, last.packets.length],
    [4, 3, 57_600, 10],
  );
});

Deno.test("OggOpusWriter keeps packets of every size whole", () => {
  const sizes = [1, 254, 255, 256, 510, 61_440, 5_000, 1];
  const writer = new OggOpusWriter();
  const pages = [
    ...sizes.flatMap((size) => writer.write(packet(size))),
    ...writer.close(),
  ].map(parsePage);
  assertEquals(
    pages.flatMap(({ packets }) => packets),
    sizes.map(packet),
  );
  assertEquals(pages.length, 2); // 5,000 bytes don't fit beside 61,440
});

Deno.test("OggOpusWriter conceals a gap with packets without data", () => {
  const writer = new OggOpusWriter();
  writer.write(Uint8Array.of(1 << 3 | 3, 2, 7, 7)); // SILK, 2 x 20 ms, mono
  writer.conceal(960 + 480 + 120 + 100);
  const [page] = writer.close().map(parsePage);
  assertEquals(page.granule, 1920 + 960 + 480 + 120);
  assertEquals(
    page.packets.slice(1).map((bytes) => [...bytes]),
    [[1 << 3], [30 << 3], [28 << 3]],
  );
});

Deno.test("OggOpusWriter refuses what isn't a packet", () => {
  const writer = new OggOpusWriter();
  assertThrows(() => writer.write(new Uint8Array(0)), RangeError, "0 bytes");
  assertThrows(() => writer.write(packet(61_441)), RangeError, "61441 bytes");
});

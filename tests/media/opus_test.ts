import { assertEquals } from "@std/assert";
import {
  frameSamples,
  OPUS_MAX_PACKET_BYTES,
  opusFormat,
  opusSamples,
} from "../../lib/media/opus.ts";

Deno.test("frameSamples() knows every configuration", () => {
  const samples = Array.from({ length: 32 }, (_, i) => frameSamples(i << 3));
  const silk = [480, 960, 1920, 2880];
  const hybrid = [480, 960];
  const celt = [120, 240, 480, 960];
  assertEquals(samples, [
    ...[...silk, ...silk, ...silk],
    ...[...hybrid, ...hybrid],
    ...[...celt, ...celt, ...celt, ...celt],
  ]);
});

Deno.test("opusSamples() counts the frames of a packet", () => {
  const toc = 31 << 3; // CELT, 20 ms
  assertEquals(opusSamples(Uint8Array.of(toc)), 960);
  assertEquals(opusSamples(Uint8Array.of(toc | 1, 5, 5)), 1920);
  assertEquals(opusSamples(Uint8Array.of(toc | 2, 0)), 1920);
  assertEquals(opusSamples(Uint8Array.of(toc | 3, 0x06)), 5760);
  assertEquals(opusSamples(Uint8Array.of(28 << 3 | 3, 0xc0 | 48)), 5760);
});

Deno.test("opusSamples() counts from 2.5 to 120 ms, and none of nothing", () => {
  assertEquals(opusSamples(Uint8Array.of(28 << 3)), 2.5 * 48);
  assertEquals(opusSamples(Uint8Array.of(3 << 3 | 1, 1, 1)), 120 * 48);
  assertEquals(opusSamples(new Uint8Array(0)), undefined);
});

Deno.test("opusSamples() refuses what can't be a packet", () => {
  const toc = 31 << 3;
  for (
    const bytes of [
      [], // R1
      [toc | 1, 5], // R3: two equal frames in an odd number of bytes
      [toc | 2], // no length of the first frame
      [toc | 3], // no frame count
      [toc | 3, 0],
      [toc | 3, 7], // R5: 140 ms
      [28 << 3 | 3, 49],
    ]
  ) assertEquals(opusSamples(Uint8Array.from(bytes)), undefined);
});

Deno.test("opusFormat takes each packet for a frame", () => {
  const payload = Uint8Array.of(0xfc, 1, 2);
  const part = opusFormat.read(payload);
  assertEquals([part?.begins, part?.ends], ["certain", true]);
  assertEquals(part?.data, [payload]);
  assertEquals(opusFormat.read(Uint8Array.of(0xff)), undefined);
  assertEquals(
    opusFormat.read(new Uint8Array(OPUS_MAX_PACKET_BYTES + 1)),
    undefined,
  );
});

import { assertEquals } from "@std/assert";
import { defaultBitrates, renditionAt } from "../../lib/media/rendition.ts";

const HD = { width: 1280, height: 720, frameRate: 30 };

Deno.test("defaultBitrates() follow the size, up to 6 Mbit/s", () => {
  assertEquals(defaultBitrates(HD), { least: 150_000, most: 2_511_840 });
  const large = { width: 3840, height: 2160, frameRate: 60 };
  assertEquals(defaultBitrates(large).most, 6_000_000);
});

Deno.test("renditionAt() makes pictures smaller where bits are few", () => {
  const sizeAt = (bitrate: number) => {
    const { width, height } = renditionAt(bitrate, HD);
    return [width, height];
  };
  assertEquals(sizeAt(2_500_000), [1280, 720]);
  assertEquals(sizeAt(1_000_000), [960, 540]);
  assertEquals(sizeAt(300_000), [640, 360]);
  assertEquals(sizeAt(160_000), [480, 270]);
  assertEquals(sizeAt(60_000), [320, 180]);
  assertEquals(sizeAt(1_000), [320, 180]);
});

Deno.test("renditionAt() keeps sides even, and small pictures as they are", () => {
  const odd = renditionAt(300_000, { width: 854, height: 482, frameRate: 30 });
  assertEquals([odd.width, odd.height], [640, 362]);
  const small = { width: 160, height: 120, frameRate: 60 };
  const { width, height } = renditionAt(10_000, small);
  assertEquals([width, height], [120, 90]);
});

Deno.test("renditionAt() has fewer keyframes where bits are few", () => {
  assertEquals(renditionAt(2_000_000, HD).keyframeInterval, 60);
  assertEquals(renditionAt(500_000, HD).keyframeInterval, 120);
  const slow = { ...HD, frameRate: 0.1 };
  assertEquals(renditionAt(2_000_000, slow).keyframeInterval, 1);
});

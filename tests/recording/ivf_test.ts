import { assertEquals } from "@std/assert";
import { ivfFrameHeader, ivfHeader } from "../../lib/recording/ivf.ts";

Deno.test("ivfHeader() writes 32 bytes, little-endian", () => {
  const header = ivfHeader({
    codec: "VP8",
    width: 640,
    height: 0x102,
    frames: 7,
  });
  // deno-fmt-ignore
  assertEquals([...header], [
    0x44, 0x4b, 0x49, 0x46, 0, 0, 32, 0,
    0x56, 0x50, 0x38, 0x30, 0x80, 0x02, 0x02, 0x01,
    0x90, 0x5f, 0x01, 0, 1, 0, 0, 0,
    7, 0, 0, 0, 0, 0, 0, 0,
  ]);
});

Deno.test("ivfFrameHeader() writes timestamps of more than 32 bits", () => {
  assertEquals(
    [...ivfFrameHeader(0x01020304, 2 ** 32 + 5)],
    [4, 3, 2, 1, 5, 0, 0, 0, 1, 0, 0, 0],
  );
});

import { assertEquals } from "@std/assert";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { KeyframeAsker } from "../../lib/recording/keyframe_asker.ts";

Deno.test("A keyframe is asked for where none came for ten seconds", () => {
  const asked: number[] = [];
  let now = 0;
  const asker = new KeyframeAsker(() => asked.push(now));
  const isKey = (at: number) => at === 0 || at === 42_000 || at === 43_000;
  for (; now < 70_000; now += 100) {
    const frame = { kind: "video", keyframe: isKey(now) } as MediaFrame;
    asker.see(frame, now);
    asker.see({ kind: "audio", keyframe: true } as MediaFrame, now);
  }
  assertEquals(asked, [10_000, 20_000, 30_000, 40_000, 53_000, 63_000]);
});

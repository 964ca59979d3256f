/** How old a picture is at a watcher, by the time that is drawn into it. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { measureGlass } from "../../../tools/bench/glass/measure.ts";
import {
  drawTime,
  PICTURE,
  readTime,
} from "../../../tools/bench/glass/time_code.ts";
import { percentile } from "../../../tools/bench/video/freezes.ts";
import { testWith } from "../../support.ts";

Deno.test("a time is read as it was drawn, and nothing else is one", () => {
  const luma = new Uint8Array(PICTURE.width * PICTURE.height);
  for (const time of [0, 1, 2 ** 32 - 1, 1_796_000_123_456]) {
    drawTime(luma, time);
    assertEquals(readTime(luma, time + 5000), time);
    assertEquals(readTime(luma, time - 5000), time);
  }
  assertEquals(readTime(luma.fill(0), 5000), undefined);
  assertEquals(readTime(luma.fill(255), 5000), undefined);
});

testWith(
  ["ffmpeg"],
  "pictures are as old as the way is long, encoded and copied",
  async () => {
    const { signal } = new AbortController();
    const DELAY_MS = 300;
    const measure = async (camera: "raw" | "h264", relay?: string[]) => {
      const { glances, unread } = await measureGlass({
        ...{ camera, clientArgs: [], relay, seconds: 4, signal },
      });
      assertGreater(glances.length, 30);
      assertLess(unread, glances.length / 10);
      for (const { whole, seen } of glances) {
        assert(whole > 0 && seen >= whole, `${whole} ms, ${seen} ms`);
      }
      return percentile(glances.map(({ seen }) => seen), 0.5)!;
    };
    const encoded = await measure("raw");
    const far = await measure("raw", ["--delay", `${DELAY_MS}`]);
    // What takes longer than the way is a queue that has come to stay.
    assertGreater(far, DELAY_MS);
    assertLess(far - encoded, 3 * DELAY_MS);
    // Nor is a copied one held.
    assertLess(await measure("h264") - encoded, 3 * DELAY_MS);
  },
);

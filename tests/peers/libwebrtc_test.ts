/** Both ways between pointwire and libwebrtc, over WHIP and WHEP. */
import { assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { assertPublishes, assertWatches, type Driver } from "./foreign.ts";

// Built without H.264.
const LIBWEBRTC: Driver = {
  program: Deno.execPath(),
  args: [
    ...["run", "-A", "--quiet", "--no-config", "--no-lock", "--cached-only"],
    "tests/peers/libwebrtc.ts",
  ],
};

testWith(
  ["libwebrtc"],
  "libwebrtc publishes VP8 and Opus, and points",
  async () => {
    const { video } = await assertPublishes(LIBWEBRTC, {
      codec: "VP8",
      clouds: 6,
    });
    assertEquals([video.width, video.height], [640, 480]);
  },
);

testWith(
  ["libwebrtc", "ffmpeg"],
  "libwebrtc watches VP8 and Opus, and points",
  async () => {
    const { size } = await assertWatches(LIBWEBRTC, {
      codec: "VP8",
      clouds: 6,
    });
    assertEquals(size, [320, 240]);
  },
);

testWith(
  ["libwebrtc", "ffmpeg"],
  "libwebrtc without a data channel learns of the end",
  async () => {
    await assertWatches(LIBWEBRTC, { codec: "VP8", clouds: 0 });
  },
);

/** Both ways between pointwire and GStreamer's webrtcbin, over WHIP and WHEP. */
import { assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { assertPublishes, assertWatches, type Driver } from "./foreign.ts";
import { PYTHON } from "./python.ts";

const GSTREAMER: Driver = {
  program: PYTHON,
  args: ["tests/peers/gstreamer.py"],
};

// Its offer is of one transport (max-bundle): the sections after the first have
// port 0 and a=bundle-only.
for (const [codec, clouds] of [["VP8", 6], ["H264", 0]] as const) {
  testWith(
    ["gstreamer"],
    `GStreamer publishes ${codec} and Opus${clouds > 0 ? ", and points" : ""}`,
    async () => {
      const { video } = await assertPublishes(GSTREAMER, { codec, clouds });
      assertEquals([video.width, video.height], [640, 480]);
      assertEquals([video.frames, video.keyframes], [60, 2]);
    },
  );

  testWith(
    ["gstreamer", "ffmpeg"],
    `GStreamer watches ${codec} and Opus${clouds > 0 ? ", and points" : ""}`,
    async () => {
      const { size } = await assertWatches(GSTREAMER, { codec, clouds });
      assertEquals(size, [320, 240]);
    },
  );
}

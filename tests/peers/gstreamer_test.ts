/** Both ways between pointwire and GStreamer's webrtcbin, over WHIP and WHEP. */
import { assertEquals } from "@std/assert";
import { freePort } from "../free_port.ts";
import { senderForAll } from "../media/live.ts";
import { testWith } from "../support.ts";
import { assertPublishes, assertWatches, type Driver } from "./foreign.ts";
import { PYTHON } from "./python.ts";

const GSTREAMER: Driver = {
  program: PYTHON,
  args: ["tests/peers/gstreamer.py"],
};

const COPIED = {
  VP9: {
    container: "matroska",
    video: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
  },
  H265: {
    container: "mpegts",
    video: [
      ...["-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency"],
      ...["-x265-params", "log-level=error"],
    ],
  },
};

for (const codec of ["VP9", "H265"] as const) {
  testWith(["gstreamer"], `GStreamer publishes ${codec} and Opus`, async () => {
    const { video } = await assertPublishes(GSTREAMER, { codec, clouds: 0 });
    assertEquals([video.width, video.height], [640, 480]);
    assertEquals(video.frames, 60);
  });

  testWith(
    ["gstreamer", "ffmpeg"],
    `GStreamer watches ${codec} that our client copies of a camera`,
    async () => {
      const url = `http://127.0.0.1:${freePort()}/live`;
      const { container, video } = COPIED[codec];
      await using _camera = senderForAll({
        ...{ container, video: [...video, "-g", "10"] },
        to: ["-f", container, "-listen", "1", url],
      });
      const { size } = await assertWatches(GSTREAMER, {
        ...{ codec, clouds: 0, pictures: 50 },
        clientArgs: ["--media", url, "--video-codec", "copy"],
      });
      assertEquals(size, [320, 240]);
    },
  );
}

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

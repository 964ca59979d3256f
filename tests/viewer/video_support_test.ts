import { assertEquals, assertMatch } from "@std/assert";
import { whyNoPicture } from "../../lib/viewer/video_support.ts";

const ALL = ["video/VP8", "video/rtx", "video/H264"];
const VP8 = { codec: "VP8", frames: 100 };
const H264 = { codec: "H264", frames: 100 };

Deno.test("a video that may come is not complained of", () => {
  assertEquals(whyNoPicture(undefined, undefined, []), undefined);
  assertEquals(
    whyNoPicture({ codec: null, frames: 0 }, undefined, []),
    undefined,
  );
  assertEquals(whyNoPicture({ ...H264, frames: 0 }, undefined, []), undefined);
  assertEquals(whyNoPicture(VP8, undefined, ALL), undefined);
  const counts = [
    { received: 0, decoded: 0 },
    { received: 89, decoded: 0 },
    { received: 900, decoded: 1 },
  ];
  for (const each of counts) {
    assertEquals(whyNoPicture(VP8, each, ALL), undefined);
  }
});

Deno.test("a codec that the browser lacks is named", () => {
  const lacking = ["video/VP8", "video/VP9"];
  assertMatch(whyNoPicture(H264, undefined, lacking)!, /H\.264, which this/);
  assertMatch(whyNoPicture(VP8, undefined, ["video/h264"])!, /VP8, which/);
  assertEquals(whyNoPicture(H264, undefined, ["video/h264"]), undefined);
});

Deno.test("frames of which none is decoded are named", () => {
  const counts = { received: 90, decoded: 0 };
  assertMatch(whyNoPicture(H264, counts, ALL)!, /\(H\.264\) comes, but/);
});

Deno.test("a video that the server doesn't send is told with its reason", () => {
  const counts = { received: 0, decoded: 0, untaken: "it is of profile 2" };
  const video = { codec: "H265", frames: 9 };
  assertMatch(
    whyNoPicture(video, counts, ["video/H265"])!,
    /isn’t sent to this browser: it is of profile 2\./,
  );
  assertMatch(whyNoPicture(video, undefined, ALL)!, /H\.265, which this/);
});

Deno.test("why nothing that comes by HTTP is decoded is told, whatever the codec", () => {
  const counts = { received: 0, decoded: 0, failure: "it has no WebCodecs" };
  for (const codecs of [ALL, []]) {
    assertEquals(
      whyNoPicture(H264, counts, codecs),
      "The session’s video (H.264) can’t be shown by HTTP: it has no WebCodecs.",
    );
  }
});

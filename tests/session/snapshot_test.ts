import { assertEquals } from "@std/assert";
import type { TrackCounters } from "../../lib/transport/rtp/track_counters.ts";
import { summarizeAudio, summarizeVideo } from "../../lib/session/snapshot.ts";

function track(counters: Partial<TrackCounters>): TrackCounters {
  return {
    kind: "video",
    name: null,
    codec: "VP8",
    frames: 0,
    keyframes: 0,
    bytes: 0,
    packets: 0,
    packetsLost: 0,
    packetsRequested: 0,
    keyframesRequested: 0,
    invalid: 0,
    width: null,
    height: null,
    ...counters,
  };
}

const TRACKS = [
  track({ kind: "audio", codec: "opus", frames: 5, bytes: 50, packetsLost: 1 }),
  track({
    ...{ frames: 10, keyframes: 2, bytes: 1000, packetsLost: 3 },
    ...{ width: 320, height: 240 },
  }),
  track({
    ...{ codec: "H264", frames: 20, keyframes: 1, bytes: 5000, packetsLost: 0 },
    ...{ width: 640, height: 480 },
  }),
  track({ kind: "audio", codec: null, frames: 1, bytes: 2, packetsLost: 7 }),
];

Deno.test("summarizeVideo() sums the video tracks, in the shape of the first", () => {
  assertEquals(summarizeVideo(TRACKS), {
    codec: "VP8",
    width: 320,
    height: 240,
    frames: 30,
    keyframes: 3,
    bytes: 6000,
    packetsLost: 3,
  });
});

Deno.test("summarizeAudio() sums the audio tracks", () => {
  assertEquals(summarizeAudio(TRACKS), {
    codec: "opus",
    frames: 6,
    bytes: 52,
    packetsLost: 8,
  });
});

Deno.test("Without tracks there is no codec, and nothing counted", () => {
  assertEquals(summarizeVideo([TRACKS[0]]), {
    codec: null,
    width: null,
    height: null,
    frames: 0,
    keyframes: 0,
    bytes: 0,
    packetsLost: 0,
  });
  assertEquals(summarizeAudio([]), {
    codec: null,
    frames: 0,
    bytes: 0,
    packetsLost: 0,
  });
});

/// <reference lib="dom" />
/**
 * A peer on libwebrtc, as `@roamhq/wrtc` has it, that speaks WHIP (RFC 9725) and
 * WHEP: `publish URL` sends a moving picture, a tone, and clouds as the
 * original's client does; `watch URL` decodes what a session has.
 *
 * What happens is told on standard error, a JSON object a line; a report comes
 * last, on standard output, when SIGTERM, or the end of what it watches, has
 * ended it. Run with `deno run -A --no-config --no-lock`.
 *
 * @module
 */
import {
  repeat,
  RtcPeer,
  type SentMedia,
  type WatchReport,
} from "./rtc_peer.ts";
import { parseRole, runPeer, tell } from "./rtc_driver.ts";

// Not a literal where it is imported: who only checks types needn't have it.
const PACKAGE = "npm:@roamhq/wrtc@0.10.0";

/** Pixels. */
const WIDTH = 640;
const HEIGHT = 480;
/** Two seconds of both. */
const VIDEO_FRAMES = 60;
const VIDEO_PERIOD_MS = 1000 / 30;
const AUDIO_FRAMES = 200;
const AUDIO_PERIOD_MS = 10;
const AUDIO_RATE = 48_000;

interface Picture {
  width: number;
  height: number;
  /** I420. */
  data: Uint8ClampedArray;
}

/** 10 ms of one channel. */
interface Sound {
  samples: Int16Array;
  sampleRate: number;
  bitsPerSample: number;
  channelCount: number;
  numberOfFrames: number;
}

interface Wrtc {
  RTCPeerConnection: typeof RTCPeerConnection;
  nonstandard: {
    RTCVideoSource: new () => {
      createTrack(): MediaStreamTrack;
      onFrame(picture: Picture): void;
    };
    RTCAudioSource: new () => {
      createTrack(): MediaStreamTrack;
      onData(sound: Sound): void;
    };
    RTCVideoSink: new (track: MediaStreamTrack) => {
      onframe: (event: { frame: Picture }) => void;
    };
    RTCAudioSink: new (track: MediaStreamTrack) => {
      ondata: (sound: Sound) => void;
    };
  };
}

const { default: wrtc }: { default: Wrtc } = await import(PACKAGE);
const { nonstandard } = wrtc;

/** A part of each frame is darker, and the border moves. */
function drawPicture(index: number): Picture {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 1.5).fill(128);
  for (let y = 0; y < HEIGHT; y++) {
    data.fill(64, y * WIDTH, y * WIDTH + index * 8);
  }
  return { width: WIDTH, height: HEIGHT, data };
}

function makeTone(index: number): Sound {
  const numberOfFrames = AUDIO_RATE * AUDIO_PERIOD_MS / 1000;
  const samples = Int16Array.from(
    { length: numberOfFrames },
    (_, i) => 8000 * Math.sin((index * numberOfFrames + i) / 20),
  );
  return {
    samples,
    sampleRate: AUDIO_RATE,
    bitsPerSample: 16,
    channelCount: 1,
    numberOfFrames,
  };
}

function makeMedia(): SentMedia {
  const video = new nonstandard.RTCVideoSource();
  const audio = new nonstandard.RTCAudioSource();
  return {
    tracks: [video.createTrack(), audio.createTrack()],
    async run() {
      await Promise.all([
        repeat(
          VIDEO_FRAMES,
          VIDEO_PERIOD_MS,
          (index) => video.onFrame(drawPicture(index)),
        ),
        repeat(
          AUDIO_FRAMES,
          AUDIO_PERIOD_MS,
          (index) => audio.onData(makeTone(index)),
        ),
      ]);
    },
  };
}

function show(track: MediaStreamTrack, report: WatchReport): void {
  const { frames } = report;
  if (track.kind === "video") {
    const sink = new nonstandard.RTCVideoSink(track);
    sink.onframe = ({ frame: { width, height } }) => {
      report.size = [width, height];
      tell("video", { frames: ++frames.video });
    };
  } else {
    const sink = new nonstandard.RTCAudioSink(track);
    // Silence comes where there is no sound, too.
    sink.ondata = ({ samples }) => {
      if (samples.some((value) => Math.abs(value) > 100)) frames.audio++;
    };
  }
}

const { role, url, clouds, points } = parseRole();
if (role === "check") Deno.exit();
const connection = new wrtc.RTCPeerConnection({ bundlePolicy: "max-bundle" });
const peer = new RtcPeer(connection, tell);
await runPeer(peer, async () => {
  if (role === "publish") {
    const media = makeMedia();
    const location = await peer.publish(url, media, { clouds, points });
    return { location, report: () => ({}) };
  }
  const { location, report } = await peer.watch(url, clouds, show);
  return { location, report: () => report };
});
// libwebrtc's threads would keep it alive.
Deno.exit();

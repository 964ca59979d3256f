/// <reference lib="dom" />
/** What a page in Firefox does as a peer; firefox.ts puts it there. */
import {
  pause,
  type PublishOptions,
  repeat,
  RtcPeer,
  type SentMedia,
  type WatchReport,
} from "./rtc_peer.ts";

/** Pixels. */
const WIDTH = 640;
const HEIGHT = 480;
/** Two seconds. */
const VIDEO_FRAMES = 60;
const VIDEO_RATE = 30;

const tell: ConstructorParameters<typeof RtcPeer>[1] = (message, fields) =>
  console.info(JSON.stringify({ message, ...fields }));

/** A canvas that is drawn anew all the time, and Firefox's own tone. */
async function makeMedia(): Promise<SentMedia> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d")!;
  const draw = (index: number) => {
    context.fillStyle = "teal";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = "white";
    context.fillRect(index * 8, 100, 100, 100);
  };
  draw(0);
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
  return {
    tracks: [canvas.captureStream(VIDEO_RATE), sound].flatMap((stream) =>
      stream.getTracks()
    ),
    run: () => repeat(VIDEO_FRAMES, 1000 / VIDEO_RATE, draw),
  };
}

const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
const peer = new RtcPeer(connection, tell);

async function publish(url: string, options: PublishOptions) {
  return await peer.publish(url, await makeMedia(), options);
}

let report: WatchReport | undefined;

async function watch(url: string, clouds: number): Promise<string> {
  const watching = await peer.watch(url, clouds, ({ kind }) => {
    if (kind === "audio") return;
    void count().catch((error) => watching.report.errors.push(String(error)));
  });
  report = watching.report;
  return watching.location;
}

/** Follows what is decoded; a packet of Opus is a frame. */
async function count(): Promise<void> {
  for (let shown = 0; connection.connectionState !== "closed";) {
    await pause(50);
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type !== "inbound-rtp" || report === undefined) continue;
      if (stats.kind === "audio") report.frames.audio = stats.packetsReceived;
      else {
        report.frames.video = stats.framesDecoded;
        report.size = [stats.frameWidth, stats.frameHeight];
      }
    }
    const { video = 0 } = report?.frames ?? {};
    if (video > shown) tell("video", { frames: shown = video });
  }
}

/** What the driver calls. */
const calls = { publish, watch, report: () => report ?? {} };
export type PageCalls = typeof calls;
Object.assign(globalThis, { pointwirePeer: calls });

/** The page that watches, and measures what it sees. */
import {
  POINTS_PROTOCOL,
  readChunkHeader,
} from "../../../../lib/wire/frame.ts";
import {
  INBOUND_NAMES,
  type InboundStats,
  type PointsFrame,
  type Second,
  type WatcherPage,
  type WatcherSettings,
} from "../reading.ts";
import { gatheredSdp } from "./gathered.ts";

/** Most of anything that is kept. */
const MOST = 100_000;
const SECOND_MS = 1000;
/** Small: it isn't measured how fast this machine draws. */
const WIDTH = 160;

const connection = new RTCPeerConnection();
const frameTimes: number[] = [];
const seconds: Second[] = [];
const points: PointsFrame[] = [];
let describedAt = 0;
let framesPresented = 0;

const video = document.createElement("video");
video.width = WIDTH;
video.autoplay = true;
const media = new MediaStream();
video.srcObject = media;
document.body.append(video);

connection.addEventListener("track", ({ track }) => media.addTrack(track));
video.requestVideoFrameCallback(onFrame);
setInterval(look, SECOND_MS);

function onFrame(
  now: number,
  { presentedFrames }: VideoFrameCallbackMetadata,
): void {
  framesPresented = presentedFrames;
  if (frameTimes.length < MOST) frameTimes.push(now);
  video.requestVideoFrameCallback(onFrame);
}

async function look(): Promise<void> {
  const { bytesReceived = 0 } = await inbound("video");
  if (seconds.length >= MOST) return;
  seconds.push({ at: performance.now(), bytesReceived });
}

async function inbound(kind: "video" | "audio"): Promise<InboundStats> {
  const found: InboundStats = {};
  (await connection.getStats()).forEach((each) => {
    if (each.type !== "inbound-rtp" || each.kind !== kind) return;
    for (const name of INBOUND_NAMES) {
      if (name in each) found[name] = (found[name] ?? 0) + each[name];
    }
  });
  return found;
}

function watchPoints(): void {
  const channel = connection.createDataChannel("points", {
    protocol: POINTS_PROTOCOL,
  });
  channel.binaryType = "arraybuffer";
  channel.addEventListener("message", ({ data }) => {
    if (!(data instanceof ArrayBuffer) || points.length >= MOST) return;
    const header = readChunkHeader(new Uint8Array(data));
    if (header.chunk + 1 < header.chunks) return;
    points.push({
      at: performance.now(),
      latencyMs: Date.now() - header.captureTime,
      points: header.points,
    });
  });
}

async function offer(settings: WatcherSettings): Promise<string> {
  const transceiver = connection.addTransceiver("video", {
    direction: "recvonly",
  });
  const { codecs } = RTCRtpReceiver.getCapabilities("video")!;
  const wanted = `video/${settings.codec}`;
  const isRepair = (mimeType: string) =>
    /^video\/(rtx|red|ulpfec|flexfec-03)$/.test(mimeType);
  transceiver.setCodecPreferences(
    codecs.filter(({ mimeType }) => mimeType === wanted || isRepair(mimeType)),
  );
  connection.addTransceiver("audio", { direction: "recvonly" });
  if (settings.points) watchPoints();
  await connection.setLocalDescription();
  return await describe();
}

async function describe(): Promise<string> {
  const sdp = await gatheredSdp(connection);
  describedAt = performance.now();
  return sdp;
}

const watcher: WatcherPage = {
  offer,
  accept: (sdp) => connection.setRemoteDescription({ type: "answer", sdp }),
  async answer(sdp) {
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    return await describe();
  },
  hasPicture: () => frameTimes.length > 0,
  async read() {
    const [video, audio] = await Promise.all([
      inbound("video"),
      inbound("audio"),
    ]);
    const now = performance.now();
    return {
      ...{ now, describedAt, frameTimes, framesPresented },
      ...{ seconds, video, audio, points },
    };
  },
};
Object.assign(globalThis, { watcher });

/**
 * Publishers of the sessions bench, many in one process and each by
 * libdatachannel: so that sending costs little, and the server is what is
 * measured. Frames of `pointwire.v1` are encoded once; arguments: the server's
 * URL, publishers, frames a second of each (0: as many as go), points of a
 * frame.
 */
import { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import { type DataChannel, PeerConnection } from "node-datachannel";
import { createEncoder } from "../../../lib/points/codecs.ts";
import {
  CHUNK_BYTES,
  POINTS_PROTOCOL,
  splitFrame,
  writeChunkHeader,
} from "../../../lib/wire/frame.ts";
import { postOffer } from "../../../lib/publishing/post_offer.ts";
import { lidarSource } from "../../../lib/sources/synthetic/lidar.ts";

/** Bytes kept waiting: with fewer, the library's threads wait for ours. */
const WAITING_BYTES = 2 * 1024 * 1024;

const [url, count, rate, size] = Deno.args;
const points = Number(size);
const encoded = encodeFrame();
/** Keeps objects from garbage collection, which would close them. */
const kept: unknown[] = [];
const sent = { frames: 0, dropped: 0 };

const channels = await Promise.all(
  Array.from({ length: Number(count) }, (_, i) => connect(i)),
);
console.log(JSON.stringify({ connected: channels.length }));
for (const [i, channel] of channels.entries()) {
  if (Number(rate) === 0) sendAll(channel);
  else {setTimeout(() =>
      sendAtRate(channel), i / channels.length * 1000 / Number(rate));}
}
Deno.addSignalListener("SIGTERM", () => {
  console.log(JSON.stringify(sent));
  Deno.exit(0);
});

/** The synthetic scan at a millimetre. */
function encodeFrame() {
  const resolutions = { intensity: 0.01 };
  const encoder = createEncoder("cloudini", { resolutions });
  const { codec, bytes } = encoder.encode(lidarSource(points).next(0, 0));
  return { codec, bytes: bytes.slice() };
}

async function connect(index: number): Promise<DataChannel> {
  const peer = new PeerConnection(`publisher ${index}`, {
    iceServers: [],
    bindAddress: "127.0.0.1",
    maxMessageSize: 256 * 1024,
  });
  const channel = peer.createDataChannel("points", {
    protocol: POINTS_PROTOCOL,
  });
  kept.push(peer, channel);
  const open = new Promise<void>((resolve) => channel.onOpen(resolve));
  while (peer.gatheringState() !== "complete") await delay(10);
  const { sdp } = await postOffer(`${url}/offer`, peer.localDescription()!.sdp);
  peer.setRemoteDescription(sdp, "answer");
  await open;
  return channel;
}

/** The messages of one frame after the other; only their headers differ. */
function* frames(): Generator<Buffer[]> {
  const { codec, bytes } = encoded;
  const info = { number: 0, codec, points, captureTime: 0 };
  const messages = [...splitFrame(bytes, info, CHUNK_BYTES)]
    .map(({ buffer }) => Buffer.from(buffer));
  const chunks = messages.length;
  for (let number = 0;; number++) {
    const captureTime = Date.now();
    for (const [chunk, message] of messages.entries()) {
      const header = { ...info, number, captureTime, chunk, chunks };
      writeChunkHeader(message, header);
    }
    yield messages;
  }
}

function sendFrame(channel: DataChannel, messages: Buffer[]): void {
  for (const message of messages) channel.sendMessageBinary(message);
  sent.frames++;
}

function sendAll(channel: DataChannel): void {
  const next = frames();
  const fill = () => {
    while (channel.isOpen() && channel.bufferedAmount() < WAITING_BYTES) {
      sendFrame(channel, next.next().value!);
    }
  };
  channel.setBufferedAmountLowThreshold(WAITING_BYTES / 2);
  channel.onBufferedAmountLow(fill);
  fill();
}

function sendAtRate(channel: DataChannel): void {
  const next = frames();
  setInterval(() => {
    const { value } = next.next();
    // As a publisher does: what can't leave is not queued up.
    if (channel.bufferedAmount() > encoded.bytes.length) sent.dropped++;
    else sendFrame(channel, value!);
  }, 1000 / Number(rate));
}

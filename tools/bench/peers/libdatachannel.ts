/** A peer of the transport bench: libdatachannel, by npm's node-datachannel. */
import { Buffer } from "node:buffer";
import { PeerConnection } from "node-datachannel";
import {
  cpuSeconds,
  hear,
  MESSAGE_BYTES,
  Meter,
  readArguments,
  say,
  wallMs,
} from "./protocol.ts";

const { role, seconds } = readArguments();
/** Bytes kept waiting: with fewer, the library's threads wait for ours. */
const WAITING_BYTES = 4 * 1024 * 1024;
/** Keeps objects from garbage collection, which would close them. */
const kept: unknown[] = [];
const peer = new PeerConnection("bench", {
  iceServers: [],
  bindAddress: "127.0.0.1",
  maxMessageSize: 256 * 1024,
});

kept.push(peer);

/** Waits until all candidates are in the description. */
function whenGathered(): Promise<string> {
  return new Promise((resolve) => {
    const check = () => {
      if (peer.gatheringState() !== "complete") return setTimeout(check, 10);
      resolve(peer.localDescription()!.sdp);
    };
    check();
  });
}

if (role === "send") {
  const channel = peer.createDataChannel("bench");
  kept.push(channel);
  const open = new Promise<void>((resolve) => channel.onOpen(resolve));
  say({ sdp: await whenGathered() });
  peer.setRemoteDescription((await hear()).sdp, "answer");
  await open;
  const openedAt = wallMs();
  const cpu = cpuSeconds();
  const until = performance.now() + seconds * 1000;
  const message = Buffer.alloc(MESSAGE_BYTES, 1);
  const fill = () => {
    while (
      performance.now() < until && channel.bufferedAmount() < WAITING_BYTES
    ) {
      channel.sendMessageBinary(message);
    }
  };
  channel.setBufferedAmountLowThreshold(WAITING_BYTES / 2);
  channel.onBufferedAmountLow(fill);
  fill();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  say({ done: true, cpu: cpuSeconds() - cpu, openedAt });
} else {
  const meter = new Meter(seconds);
  peer.onDataChannel((channel) => {
    kept.push(channel);
    channel.onMessage((message) =>
      meter.count(
        typeof message === "string" ? message.length : message.byteLength,
      )
    );
  });
  peer.setRemoteDescription((await hear()).sdp, "offer");
  say({ sdp: await whenGathered() });
}
await hear();
Deno.exit(0);

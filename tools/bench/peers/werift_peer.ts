/** A werift peer, ours or stock: they differ in how the connection is made. */
import { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import {
  cpuSeconds,
  hear,
  KEPT_BYTES,
  MESSAGE_BYTES,
  Meter,
  readArguments,
  say,
  wallMs,
} from "./protocol.ts";

export interface WeriftPeerOptions {
  peer: RTCPeerConnection;
  /** Bytes that wait in the data channel. @default KEPT_BYTES */
  keptBytes?: number;
  /** Called when the channel is open, before anything is sent. */
  onOpen?(sameHost: boolean): Promise<void>;
  /** Returns further counters for the last message. */
  counters?(): Record<string, number>;
}

export async function runWeriftPeer(options: WeriftPeerOptions): Promise<void> {
  const { peer } = options;
  const { role, seconds } = readArguments();
  if (role === "send") await send(options);
  else {
    const meter = new Meter(seconds);
    peer.onDataChannel.subscribe((channel) =>
      channel.onMessage.subscribe((message) => meter.count(message.length))
    );
    const { sdp } = await hear();
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    say({ sdp: peer.localDescription!.sdp });
  }
  await hear();
  Deno.exit(0);
}

async function send(options: WeriftPeerOptions): Promise<void> {
  const { peer, keptBytes = KEPT_BYTES } = options;
  const { seconds, sameHost } = readArguments();
  const channel = peer.createDataChannel("bench");
  const open = new Promise<void>((resolve) =>
    channel.stateChanged.subscribe((state) => {
      if (state === "open") resolve();
    })
  );
  await peer.setLocalDescription(await peer.createOffer());
  say({ sdp: peer.localDescription!.sdp });
  const { sdp } = await hear();
  await peer.setRemoteDescription({ type: "answer", sdp });
  await open;
  const openedAt = wallMs();
  await options.onOpen?.(sameHost);
  const cpu = cpuSeconds();
  const until = performance.now() + seconds * 1000;
  const message = Buffer.alloc(MESSAGE_BYTES, 1);
  channel.bufferedAmountLowThreshold = keptBytes / 2;
  const fill = () => {
    while (performance.now() < until && channel.bufferedAmount < keptBytes) {
      channel.send(message);
    }
  };
  channel.bufferedAmountLow.subscribe(fill);
  fill();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const counters = options.counters?.();
  say({ done: true, cpu: cpuSeconds() - cpu, openedAt, ...counters });
}

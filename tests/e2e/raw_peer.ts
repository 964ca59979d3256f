/** A bare werift peer, to send what no client of ours would. */
import { Buffer } from "node:buffer";
import type { AckMessage } from "../../lib/wire/messages.ts";
import { createPeer, whenConnected } from "../../lib/transport/peer.ts";
import { JSON_BODY } from "../support.ts";
import { whenOpen } from "../../tools/attack/call.ts";

export interface RawChannel {
  send(message: Uint8Array | string): void;
}

export interface RawPeer extends AsyncDisposable {
  session: string;
  /** In the order of the protocols that were asked for. */
  channels: RawChannel[];
  /** Waits for the acknowledgement of a frame. */
  whenAcked(frame: number): Promise<AckMessage>;
}

/** Connects to a server, and opens a data channel for each protocol. */
export async function connectRaw(
  url: string,
  protocols: string[],
): Promise<RawPeer> {
  const peer = createPeer({ loopback: true });
  const acks = new Map<number, PromiseWithResolvers<AckMessage>>();
  const ack = (frame: number) => {
    const existing = acks.get(frame) ?? Promise.withResolvers<AckMessage>();
    acks.set(frame, existing);
    return existing;
  };
  const channels = protocols.map((protocol) => {
    const channel = peer.createDataChannel("points", { protocol });
    channel.onMessage.subscribe((text) => {
      const message = JSON.parse(String(text));
      if (message.type === "ack") ack(message.frame).resolve(message);
    });
    return channel;
  });
  await peer.setLocalDescription(await peer.createOffer());
  const response = await fetch(`${url}/offer`, {
    method: "POST",
    headers: JSON_BODY,
    body: JSON.stringify(peer.localDescription),
  });
  const { session, sdp, type } = await response.json();
  await peer.setRemoteDescription({ type, sdp });
  await whenConnected(peer, { timeoutMs: 30_000 });
  await Promise.all(channels.map(whenOpen));
  return {
    session,
    channels: channels.map((channel) => ({
      send: (message) =>
        channel.send(
          typeof message === "string" ? message : Buffer.from(message),
        ),
    })),
    whenAcked: (frame) => ack(frame).promise,
    [Symbol.asyncDispose]: () => peer.close(),
  };
}

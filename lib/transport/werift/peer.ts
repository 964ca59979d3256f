/** What a peer connection has beyond werift's public types. */
import type { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import type { Subscription } from "./event.ts";

/** What werift's own data path has to deliver. */
interface StockQueues {
  outboundQueue?: { bookSize: number }[];
  sentQueue?: { bookSize: number }[];
}

/** Calls `listener` for each datagram of the peer's that isn't STUN. */
export function onDatagram(
  peer: RTCPeerConnection,
  listener: (datagram: Buffer) => void,
): Subscription {
  const subscriptions = peer.iceTransports.map(({ connection }) =>
    connection.onData.subscribe(listener)
  );
  return {
    unSubscribe() {
      for (const { unSubscribe } of subscriptions) unSubscribe();
    },
  };
}

/** Whether the peer, or this side, has ended the association. */
export function isAssociationClosed(peer: RTCPeerConnection): boolean {
  return peer.sctpTransport?.sctp.state === "closed";
}

/** Bytes that werift's own data path sent and the peer may not have. */
export function stockUndeliveredBytes(peer: RTCPeerConnection): number {
  const sctp = peer.sctpTransport?.sctp as unknown as StockQueues | undefined;
  const { outboundQueue = [], sentQueue = [] } = sctp ?? {};
  return [...outboundQueue, ...sentQueue]
    .reduce((bytes, chunk) => bytes + chunk.bookSize, 0);
}

/** Largest message that the peer takes on a data channel, bytes. */
export function largestMessage(peer: RTCPeerConnection): number {
  // 0 stands for any size (RFC 8841 section 6).
  return peer.sctpTransport?.remoteMaxMessageSize || Infinity;
}

import { Buffer } from "node:buffer";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import type { FrameChannel } from "../wire/frame_queue.ts";
import { dataPathOf } from "./install.ts";

/** Makes what a frame queue sends over of a peer's data channel. */
export function frameChannelOf(
  channel: RTCDataChannel,
  peer: RTCPeerConnection,
): FrameChannel {
  return {
    get isStarting() {
      return dataPathOf(peer)?.outbound?.congestion.isStarting ?? false;
    },
    get readyState() {
      return channel.readyState;
    },
    get bufferedAmount() {
      return channel.bufferedAmount;
    },
    get bufferedAmountLowThreshold() {
      return channel.bufferedAmountLowThreshold;
    },
    set bufferedAmountLowThreshold(bytes: number) {
      channel.bufferedAmountLowThreshold = bytes;
    },
    send({ buffer, byteOffset, length }) {
      channel.send(Buffer.from(buffer, byteOffset, length));
    },
    onChange(listener) {
      channel.bufferedAmountLow.subscribe(listener);
      channel.stateChanged.subscribe(listener);
    },
  };
}

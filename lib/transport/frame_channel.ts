import { Buffer } from "node:buffer";
import type { RTCDataChannel } from "werift";
import type { FrameChannel } from "../wire/frame_queue.ts";

/** Makes what a frame queue sends over of a data channel. */
export function frameChannelOf(channel: RTCDataChannel): FrameChannel {
  return {
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

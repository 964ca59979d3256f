/** What one who watches has got. */
import type { RTCDataChannel, RTCRtpTransceiver, RtpPacket } from "werift";
import type { FrameInfo } from "../../lib/wire/frame.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";
import { until } from "../support.ts";

/** Longest wait, milliseconds: a busy machine is late. */
const PATIENCE_MS = 60_000;

/** Takes down what comes on a points channel and on tracks. */
export class Received {
  readonly frames: (FrameInfo & { bytes: Uint8Array })[] = [];
  readonly texts: Record<string, unknown>[] = [];
  readonly packets: RtpPacket[] = [];

  /** Listens; call before anything can come. */
  listen(channel: RTCDataChannel, transceivers: RTCRtpTransceiver[]): void {
    for (const { onTrack } of transceivers) {
      onTrack.subscribe((track) =>
        track.onReceiveRtp.subscribe((packet) => this.packets.push(packet))
      );
    }
    const reassembler = new FrameReassembler({
      onFrame: ({ number, codec, points, captureTime }, bytes) =>
        this.frames.push({ number, codec, points, captureTime, bytes }),
      onInvalid: (error) => {
        throw error;
      },
    });
    channel.onMessage.subscribe((message) => {
      if (typeof message === "string") this.texts.push(JSON.parse(message));
      else reassembler.push(message);
    });
  }

  /** Waits for a change that a message or a packet brings. */
  async until(condition: () => boolean): Promise<void> {
    await until(condition, {
      what: () =>
        `more than ${this.frames.length} frames, ${this.packets.length} ` +
        `packets and these messages: ${JSON.stringify(this.texts)}`,
      within: PATIENCE_MS,
    });
  }
}

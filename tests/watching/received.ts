/** What one who watches has got. */
import type {
  RTCDataChannel,
  RTCPeerConnection,
  RTCRtpTransceiver,
} from "werift";
import type { RtpPacketView } from "../../lib/media/rtp.ts";
import type { MediaReceiver } from "../../lib/transport/rtp/media_receiver.ts";
import type { FrameInfo } from "../../lib/wire/frame.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";
import { until } from "../support.ts";
import type { MediaTools } from "../transport/media.ts";

/** Longest wait, milliseconds: a busy machine is late. */
const PATIENCE_MS = 60_000;

/** Takes down what comes on a points channel and on tracks. */
export class Received {
  readonly frames: (FrameInfo & { bytes: Uint8Array })[] = [];
  /** All but what says nothing. */
  readonly texts: Record<string, unknown>[] = [];
  /** What was said of streams, and the label of the channel. */
  readonly places: Record<string, unknown>[] = [];
  readonly packets: RtpPacketView[] = [];
  readonly #receivers: MediaReceiver[] = [];

  /** Listens to media; call when it is negotiated, before anything can come. */
  listenToMedia(
    tools: MediaTools,
    peer: RTCPeerConnection,
    transceivers: RTCRtpTransceiver[],
  ): void {
    for (const transceiver of transceivers) {
      const receiver = tools.receive(
        peer,
        transceiver,
        { onPacket: (packet) => this.packets.push(packet) },
      );
      this.#receivers.push(receiver);
    }
  }

  /** Asks for a keyframe of each track. */
  requestKeyframe(): void {
    for (const receiver of this.#receivers) receiver.requestKeyframe();
  }

  /** Listens to points; call before anything can come. */
  listen(channel: RTCDataChannel): void {
    const reassembler = new FrameReassembler({
      onFrame: ({ number, codec, points, captureTime }, bytes) =>
        this.frames.push({ number, codec, points, captureTime, bytes }),
      onInvalid: (error) => {
        throw error;
      },
    });
    channel.onMessage.subscribe((message) => {
      if (typeof message !== "string") return reassembler.push(message);
      const text = JSON.parse(message);
      if (text.type === "stream") this.places.push(text);
      else if (text.type !== "probe") this.texts.push(text);
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

/** What one who watches has got. */
import type { RTCDataChannel, RTCRtpTransceiver, RtpPacket } from "werift";
import type { FrameInfo } from "../../lib/wire/frame.ts";
import { FrameReassembler } from "../../lib/wire/frame_reassembler.ts";

/** Takes down what comes on a points channel and on tracks. */
export class Received {
  readonly frames: (FrameInfo & { bytes: Uint8Array })[] = [];
  readonly texts: Record<string, unknown>[] = [];
  readonly packets: RtpPacket[] = [];
  readonly #waiting = new Set<() => void>();

  /** Listens; call before anything can come. */
  listen(channel: RTCDataChannel, transceivers: RTCRtpTransceiver[]): void {
    for (const { onTrack } of transceivers) {
      onTrack.subscribe((track) =>
        track.onReceiveRtp.subscribe((packet) => {
          this.packets.push(packet);
          this.#wake();
        })
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
      this.#wake();
    });
  }

  /** Waits for what a message or a packet tells of. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

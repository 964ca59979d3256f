/** A made-up video of VP8 frames that tell which they are. */
import { assertEquals } from "@std/assert";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import type { RtpPacketView } from "../../../lib/media/rtp.ts";

/** Bytes of payload of a packet, beside VP8's descriptor. */
const PART_BYTES = 1_000;
/** Tag of a keyframe of 320 x 240 pixels, and of another (RFC 6386 9.1). */
const KEYFRAME = [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0];
const INTER_FRAME = [1, 0, 0];

/** Cuts frames into packets. */
export class Camera {
  #sequenceNumber: number;
  #frames = 0;

  constructor(firstSequenceNumber = 0) {
    this.#sequenceNumber = firstSequenceNumber;
  }

  /** Frames that were made. */
  get frames(): number {
    return this.#frames;
  }

  /** Makes the next frame, of as many packets. */
  frame(packets: number, isKeyframe = this.#frames === 0): RtpPacketView[] {
    const number = this.#frames++;
    return Array.from({ length: packets }, (_, i) => {
      const payload = new Uint8Array(1 + PART_BYTES);
      payload[0] = i === 0 ? 0x10 : 0;
      const tag = isKeyframe ? KEYFRAME : INTER_FRAME;
      if (i === 0) payload.set(tag, 1);
      new DataView(payload.buffer).setUint32(20, number);
      new DataView(payload.buffer).setUint32(24, i);
      const sequenceNumber = this.#sequenceNumber;
      this.#sequenceNumber = sequenceNumber + 1 & 0xffff;
      const timestamp = number * 3_000;
      const marker = i === packets - 1;
      return { sequenceNumber, timestamp, marker, payload };
    });
  }
}

/** Reads which frame it is; fails where a part of it is another's. */
export function numberOf(frame: MediaFrame): number {
  const { data } = frame;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const number = view.getUint32(19);
  for (let i = 0; i * PART_BYTES < data.length; i++) {
    const at = i * PART_BYTES + 19;
    assertEquals([view.getUint32(at), view.getUint32(at + 4)], [number, i]);
  }
  return number;
}

import type { MediaTrack } from "./media_track.ts";
import { packetize } from "./packetizer.ts";
import type { SenderReport } from "./rtp_clock.ts";

/** Largest RTP packet, as a `MediaSource` gives them. */
export const MAX_RTP_BYTES = 1200;
/** Bytes of them that are no payload. */
export const RTP_HEADER_BYTES = 12;
/** Means nothing: whoever sends the packets sets its own. */
const PAYLOAD_TYPE = 96;
/** Seconds from NTP's epoch to that of `Date`. */
const NTP_EPOCH_S = 2_208_988_800;

/**
 * Makes RTP packets of a track's frames. Sequence numbers and picture ids go on
 * whatever encoder a frame is from.
 */
export class RtpWriter {
  readonly #track: MediaTrack;
  readonly #ssrc: number;
  readonly #firstTimestamp: number;
  #sequenceNumber: number;

  constructor(track: MediaTrack) {
    this.#track = track;
    // Random, as RFC 3550 section 5.1 wants them.
    const random = crypto.getRandomValues(new Uint32Array(3));
    [this.#ssrc, this.#firstTimestamp, this.#sequenceNumber] = random;
  }

  /**
   * Makes the packets of the next frame; the last one is marked where it is a
   * picture.
   *
   * @param seconds when it was captured, on the source's clock.
   */
  write(frame: Uint8Array, seconds: number): Uint8Array<ArrayBuffer>[] {
    const { codec, kind } = this.#track;
    const payloads = packetize(codec, frame, MAX_RTP_BYTES - RTP_HEADER_BYTES);
    const timestamp = this.#timestampAt(seconds);
    return payloads.map((payload, i) => {
      const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length);
      const header = new DataView(packet.buffer);
      const isLast = kind === "video" && i === payloads.length - 1;
      header.setUint8(0, 0x80);
      header.setUint8(1, PAYLOAD_TYPE | (isLast ? 0x80 : 0));
      header.setUint16(2, this.#sequenceNumber++);
      header.setUint32(4, timestamp);
      header.setUint32(8, this.#ssrc);
      packet.set(payload, RTP_HEADER_BYTES);
      return packet;
    });
  }

  /**
   * Tells that what was captured at `seconds` was so at `unixMs` by the clock
   * of all tracks, milliseconds since 1970.
   */
  report(seconds: number, unixMs: number): SenderReport {
    const ntpSeconds = unixMs / 1000 + NTP_EPOCH_S;
    return {
      ssrc: this.#ssrc,
      ntpTimestamp: BigInt(Math.round(ntpSeconds * 2 ** 32)),
      rtpTimestamp: this.#timestampAt(seconds),
    };
  }

  #timestampAt(seconds: number): number {
    const ticks = Math.round(seconds * this.#track.clockRate);
    return (this.#firstTimestamp + ticks) >>> 0;
  }
}

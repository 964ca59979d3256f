/** What putting frames together needs of an RTP packet. */
export interface RtpPacketView {
  /** uint16, wraps. */
  sequenceNumber: number;
  /** Ticks of the codec's clock; uint32, wraps. */
  timestamp: number;
  marker: boolean;
  /** Without header and padding; empty for a packet that only probes. */
  payload: Uint8Array;
  /**
   * How long its picture is to be held back, as packets are repaired before
   * this one's way goes on, milliseconds. @default {0}
   */
  playoutDelayMs?: number;
}

/**
 * An RTP packet, RFC 3550 §5.1, without what its contributors and extensions
 * say.
 */
export interface RtpPacket extends RtpPacketView {
  version: 2;
  payloadType: number;
  /** uint32. */
  ssrc: number;
}

const FIXED_HEADER_BYTES = 12;

/**
 * Parses an RTP packet (RFC 3550 §5.1, big-endian).
 *
 * @param bytes One datagram. The payload that is returned is a view of it.
 * @returns undefined if it is no RTP of version 2, or its CSRC list, header
 * extension or padding doesn't fit into it.
 *
 * @example
 * ```ts
 * import { parseRtp } from "./rtp.ts";
 *
 * const packet = parseRtp(
 *   Uint8Array.of(0x80, 0xe0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 42),
 * );
 * console.assert(packet?.sequenceNumber === 7 && packet.marker);
 * ```
 */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < FIXED_HEADER_BYTES || bytes[0] >> 6 !== 2) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = payloadStart(view);
  const padding = bytes[0] & 0x20 ? bytes[bytes.length - 1] : 0;
  const end = bytes.length - padding;
  // The padding's last byte counts itself, so it can't be 0.
  if ((bytes[0] & 0x20 && padding === 0) || start > end) return;
  return {
    version: 2,
    marker: bytes[1] >= 0x80,
    payloadType: bytes[1] & 0x7f,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}

/**
 * Where the payload starts; Infinity if the packet ends before that is known.
 */
function payloadStart(view: DataView): number {
  const first = view.getUint8(0);
  const start = FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  if (!(first & 0x10)) return start;
  if (start + 4 > view.byteLength) return Infinity;
  return start + 4 + 4 * view.getUint16(start + 2);
}

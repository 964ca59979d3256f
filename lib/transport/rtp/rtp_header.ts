/** Headers of RTP packets (RFC 3550 section 5.1, RFC 8285). Big-endian. */

/** What a header has beside what every packet has. */
export interface RtpHeaderFields {
  payloadType: number;
  /** uint16. */
  sequenceNumber: number;
  /** uint32. */
  timestamp: number;
  marker: boolean;
  /** uint32. */
  ssrc: number;
}

const FIXED_BYTES = 12;
/** The profile of extensions with headers of one byte. */
const ONE_BYTE_PROFILE = 0xbede;
const MAX_SHORT_ID = 14;
/** That of headers of two bytes; its lower four bits are the application's. */
const TWO_BYTE_PROFILE = 0x1000;

/** A header extension that is sent. */
export interface HeaderExtension {
  /** 1 to 255. */
  id: number;
  /** Big-endian, in so many bytes, 1 to 4. */
  value: number;
  bytes: number;
}

/** Makes a header. */
export function writeHeader(
  fields: RtpHeaderFields,
  extensions: readonly HeaderExtension[] = [],
): Uint8Array {
  const isShort = extensions.every(({ id }) => id <= MAX_SHORT_ID);
  let length = 0;
  for (const { bytes } of extensions) length += (isShort ? 1 : 2) + bytes;
  const words = Math.ceil(length / 4);
  const extended = words > 0;
  const bytes = new Uint8Array(FIXED_BYTES + (extended ? 4 + 4 * words : 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80 | (extended ? 0x10 : 0));
  view.setUint8(1, fields.payloadType | (fields.marker ? 0x80 : 0));
  view.setUint16(2, fields.sequenceNumber);
  view.setUint32(4, fields.timestamp);
  view.setUint32(8, fields.ssrc);
  if (!extended) return bytes;
  view.setUint16(12, isShort ? ONE_BYTE_PROFILE : TWO_BYTE_PROFILE);
  view.setUint16(14, words);
  let at = 16;
  for (const extension of extensions) {
    const { id, value } = extension;
    if (isShort) bytes[at++] = id << 4 | (extension.bytes - 1);
    else {
      bytes[at++] = id;
      bytes[at++] = extension.bytes;
    }
    for (let i = extension.bytes - 1; i >= 0; i--) {
      bytes[at++] = value >>> 8 * i;
    }
  }
  return bytes;
}

/** Whether a packet has header extensions. */
export function hasExtension(packet: Uint8Array): boolean {
  return (packet[0] & 0x10) !== 0;
}

/**
 * Finds a header extension of a packet.
 *
 * @returns a view of its value; undefined where the packet has none.
 */
export function extensionOf(
  packet: Uint8Array,
  id: number,
): Uint8Array | undefined {
  if (packet.length < FIXED_BYTES || !hasExtension(packet)) return undefined;
  const start = FIXED_BYTES + 4 * (packet[0] & 0x0f);
  if (start + 4 > packet.length) return undefined;
  const profile = packet[start] << 8 | packet[start + 1];
  const words = packet[start + 2] << 8 | packet[start + 3];
  const end = Math.min(start + 4 + 4 * words, packet.length);
  const isShort = profile === ONE_BYTE_PROFILE;
  if (!isShort && (profile & 0xfff0) !== TWO_BYTE_PROFILE) return undefined;
  for (let at = start + 4; at < end;) {
    if (packet[at] === 0) {
      at++; // padding
      continue;
    }
    const found = isShort ? packet[at] >> 4 : packet[at];
    if (isShort && found === 15) return undefined;
    const length = isShort ? (packet[at] & 0x0f) + 1 : packet[at + 1];
    const value = at + (isShort ? 1 : 2);
    if (value + length > end) return undefined;
    if (found === id) return packet.subarray(value, value + length);
    at = value + length;
  }
  return undefined;
}

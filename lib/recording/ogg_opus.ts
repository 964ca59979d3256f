import {
  frameSamples,
  OPUS_MAX_PACKET_BYTES,
  OPUS_SAMPLE_RATE,
  opusSamples,
} from "../media/opus.ts";

/** Options of an {@linkcode OggOpusWriter}. */
export interface OggOpusOptions {
  /** Channels to decode to, 1 or 2. @default {2} */
  channels?: 1 | 2;
  /** The logical bitstream's serial number, uint32. @default a random one */
  serial?: number;
}

/** Header type flags of a page: RFC 3533 section 6. */
const BEGINS_STREAM = 2;
const ENDS_STREAM = 4;

/** Lacing values of a page, of which each stands for up to 255 bytes. */
const MAX_SEGMENTS = 255;

/**
 * Samples after which a page is closed: RFC 7845 section 3 advises a second at
 * most.
 */
const PAGE_SAMPLES = OPUS_SAMPLE_RATE;

/**
 * Writes an Ogg Opus stream (RFC 7845) as the pages of its file (RFC 3533).
 *
 * Granule positions count the samples of the packets. There is no pre-skip:
 * a stream taken out of RTP doesn't tell its encoder's delay.
 *
 * @example
 * ```ts
 * import { OggOpusWriter } from "./ogg_opus.ts";
 *
 * const writer = new OggOpusWriter();
 * const file = new Blob([
 *   ...writer.header(),
 *   ...writer.write(Uint8Array.of(0xfc, 0xff, 0xfe)),
 *   ...writer.close(),
 * ]);
 * console.assert(file.size > 0);
 * ```
 */
export class OggOpusWriter {
  readonly #channels: number;
  readonly #serial: number;
  #sequence = 0;
  /** Samples up to the last packet that was written. */
  #samples = 0;
  #pageStart = 0;
  #packets: Uint8Array[] = [];
  #segments = 0;
  /** The TOC byte of the last packet. */
  #toc: number | undefined;

  constructor(options: OggOpusOptions = {}) {
    this.#channels = options.channels ?? 2;
    this.#serial = options.serial ??
      crypto.getRandomValues(new Uint32Array(1))[0];
  }

  /** Makes the two pages that begin the file: identification and comments. */
  header(): Uint8Array<ArrayBuffer>[] {
    return [
      this.#makePage([opusHead(this.#channels)], BEGINS_STREAM),
      this.#makePage([opusTags()], 0),
    ];
  }

  /**
   * Adds a packet, which must stay unchanged until its page was given out.
   *
   * @returns the pages that are full now; none most of the time.
   * @throws {RangeError} where it is no Opus packet or larger than 61,440
   * bytes.
   */
  write(packet: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const samples = opusSamples(packet);
    if (samples === undefined || packet.length > OPUS_MAX_PACKET_BYTES) {
      throw new RangeError(
        `Cannot write a packet of ${packet.length} bytes: expected an Opus ` +
          `packet of up to ${OPUS_MAX_PACKET_BYTES} bytes`,
      );
    }
    const segments = lacing(packet.length).length;
    const full = this.#segments + segments > MAX_SEGMENTS ||
      this.#samples - this.#pageStart >= PAGE_SAMPLES;
    const pages = full ? [this.#closePage(0)] : [];
    this.#packets.push(packet);
    this.#segments += segments;
    this.#samples += samples;
    this.#toc = packet[0];
    return pages;
  }

  /**
   * Fills a gap with packets without data, which ask the decoder to conceal
   * a loss, so that what follows keeps its time (RFC 7845 section 4.1).
   *
   * @param samples length of the gap, at 48 kHz; it is filled up to a
   * multiple of 2.5 ms, the shortest packet.
   * @returns the pages that are full now.
   */
  conceal(samples: number): Uint8Array<ArrayBuffer>[] {
    const pages: Uint8Array<ArrayBuffer>[] = [];
    for (const toc of concealmentTocs(this.#toc)) {
      const step = frameSamples(toc);
      for (; samples >= step; samples -= step) {
        pages.push(...this.write(Uint8Array.of(toc)));
      }
    }
    return pages;
  }

  /** Makes the last page. Nothing can be written after it. */
  close(): Uint8Array<ArrayBuffer>[] {
    return [this.#closePage(ENDS_STREAM)];
  }

  #closePage(flags: number): Uint8Array<ArrayBuffer> {
    const page = this.#makePage(this.#packets, flags);
    this.#pageStart = this.#samples;
    this.#packets = [];
    this.#segments = 0;
    return page;
  }

  /** Makes a page of whole packets: RFC 3533 section 6, little-endian. */
  #makePage(packets: Uint8Array[], flags: number): Uint8Array<ArrayBuffer> {
    const table = packets.flatMap((packet) => lacing(packet.length));
    const headerBytes = 27 + table.length;
    const bytes = new Uint8Array(
      packets.reduce((sum, packet) => sum + packet.length, headerBytes),
    );
    const view = new DataView(bytes.buffer);
    bytes.set(ascii("OggS"), 0);
    view.setUint8(5, flags);
    view.setBigUint64(6, BigInt(this.#samples), true);
    view.setUint32(14, this.#serial, true);
    view.setUint32(18, this.#sequence++, true);
    view.setUint8(26, table.length);
    bytes.set(table, 27);
    let at = headerBytes;
    for (const packet of packets) {
      bytes.set(packet, at);
      at += packet.length;
    }
    view.setUint32(22, oggCrc(bytes), true);
    return bytes;
  }
}

/**
 * A packet's lacing values: 255 for each full segment, and then what is left,
 * if only 0.
 */
function lacing(length: number): number[] {
  const values: number[] = Array(Math.floor(length / 255)).fill(255);
  values.push(length % 255);
  return values;
}

/**
 * Frame sizes to fill a gap with: the last packet's own, then CELT's from 20 ms
 * down.
 */
function concealmentTocs(last: number | undefined): number[] {
  const channels = (last ?? 4) & 4;
  const celt = [31, 30, 29, 28].map((config) => config << 3 | channels);
  return last === undefined ? celt : [last & 0xfc, ...celt];
}

/** RFC 7845 section 5.1. */
function opusHead(channels: number): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  bytes.set(ascii("OpusHead"), 0);
  view.setUint8(8, 1); // version
  view.setUint8(9, channels);
  view.setUint16(10, 0, true); // pre-skip
  view.setUint32(12, OPUS_SAMPLE_RATE, true);
  return bytes; // gain 0 dB, mapping family 0
}

/** RFC 7845 section 5.2. */
function opusTags(): Uint8Array {
  const vendor = ascii("pointwire");
  const bytes = new Uint8Array(16 + vendor.length);
  bytes.set(ascii("OpusTags"), 0);
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes; // no comments
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc;
});

/** Computes a page's checksum, its own field being 0: RFC 3533 section 6. */
export function oggCrc(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) crc = crc << 8 ^ CRC_TABLE[crc >>> 24 ^ byte];
  return crc >>> 0;
}

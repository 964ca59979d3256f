/**
 * RTCP packets: reports (RFC 3550 section 6), and feedback (RFC 4585). All
 * numbers are big-endian.
 */
import type { ClockPair } from "../../media/rtp_clock.ts";

/** What a sender report says. */
export interface SenderReport extends ClockPair {
  ssrc: number;
  /** Packets and octets of payload sent so far; uint32, wrap. */
  packets: number;
  octets: number;
}

/** What a report says of one stream that its author receives. */
export interface ReportBlock {
  /** The stream that it is of. */
  ssrc: number;
  /** Share that was lost since the last report, from 0 to 1. */
  fractionLost: number;
  /** Packets lost so far; may be negative, where some came twice. */
  lost: number;
  /** Extended highest sequence number received; uint32. */
  highest: number;
  /** Interarrival jitter, units of the RTP timestamp. */
  jitter: number;
  /** Middle 32 bits of the last sender report's NTP timestamp; 0 for none. */
  lastReport: number;
  /** Time since it came, units of 1/65536 s. */
  sinceLastReport: number;
}

/** Takes what a compound packet has. */
export interface RtcpSink {
  senderReport?(report: SenderReport): void;
  reportBlock?(block: ReportBlock): void;
  /** Packets that the peer misses (RFC 4585 section 6.2.1). */
  nack?(ssrc: number, sequenceNumbers: number[]): void;
  /** The peer can't go on without a keyframe: PLI, or FIR (RFC 5104). */
  keyframeRequest?(ssrc: number): void;
  /** The body of transport-wide feedback, from its base sequence number on. */
  transportFeedback?(body: Uint8Array): void;
  /** A stream is over. */
  bye?(ssrc: number): void;
}

const VERSION = 2;
const HEADER_BYTES = 4;
const BLOCK_BYTES = 24;

const TYPE = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  bye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** Feedback message types. */
const NACK = 1;
const TRANSPORT_WIDE = 15;
const PLI = 1;
const FIR = 4;

/**
 * Sequence numbers that are taken of the NACKs of one compound, but for the
 * last few: more than anybody misses. Four bytes name 17 that are looked for.
 */
const MAX_NACKS = 1024;

/** What may still be taken of a compound. */
interface Left {
  nacks: number;
}

/**
 * Reads a compound RTCP packet. What isn't well-formed ends it without an
 * error; what isn't known is passed over.
 */
export function readRtcp(compound: Uint8Array, sink: RtcpSink): void {
  const { buffer, byteOffset, byteLength } = compound;
  const view = new DataView(buffer, byteOffset, byteLength);
  const left: Left = { nacks: MAX_NACKS };
  for (let at = 0; at + HEADER_BYTES <= byteLength;) {
    const end = at + 4 * (view.getUint16(at + 2) + 1);
    if (view.getUint8(at) >> 6 !== VERSION || end > byteLength) return;
    const hasPadding = (view.getUint8(at) & 0x20) !== 0;
    const padding = hasPadding ? view.getUint8(end - 1) : 0;
    if (at + HEADER_BYTES + padding > end) return;
    readPacket(view, at, end - padding, sink, left);
    at = end;
  }
}

function readPacket(
  view: DataView,
  at: number,
  end: number,
  sink: RtcpSink,
  left: Left,
): void {
  const count = view.getUint8(at) & 0x1f;
  const type = view.getUint8(at + 1);
  const body = at + HEADER_BYTES;
  switch (type) {
    case TYPE.senderReport:
      if (end - body < 24) return;
      sink.senderReport?.({
        ssrc: view.getUint32(body),
        ntpTimestamp: view.getBigUint64(body + 4),
        rtpTimestamp: view.getUint32(body + 12),
        packets: view.getUint32(body + 16),
        octets: view.getUint32(body + 20),
      });
      return readBlocks(view, body + 24, end, count, sink);
    case TYPE.receiverReport:
      return readBlocks(view, body + 4, end, count, sink);
    case TYPE.bye:
      for (let i = 0; i < count && body + 4 * i + 4 <= end; i++) {
        sink.bye?.(view.getUint32(body + 4 * i));
      }
      return;
    case TYPE.transportFeedback:
      if (end - body < 8) return;
      if (count === NACK) readNack(view, body, end, sink, left);
      if (count === TRANSPORT_WIDE) {
        const { buffer, byteOffset } = view;
        const start = body + 8;
        sink.transportFeedback?.(
          new Uint8Array(buffer, byteOffset + start, end - start),
        );
      }
      return;
    case TYPE.payloadFeedback:
      if (end - body < 8) return;
      if (count === PLI) sink.keyframeRequest?.(view.getUint32(body + 4));
      if (count !== FIR) return;
      for (let entry = body + 8; entry + 8 <= end; entry += 8) {
        sink.keyframeRequest?.(view.getUint32(entry));
      }
  }
}

function readBlocks(
  view: DataView,
  start: number,
  end: number,
  count: number,
  sink: RtcpSink,
): void {
  for (let i = 0; i < count; i++) {
    const at = start + BLOCK_BYTES * i;
    if (at + BLOCK_BYTES > end) return;
    sink.reportBlock?.({
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4) / 256,
      lost: view.getInt32(at + 4) << 8 >> 8,
      highest: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastReport: view.getUint32(at + 16),
      sinceLastReport: view.getUint32(at + 20),
    });
  }
}

function readNack(
  view: DataView,
  body: number,
  end: number,
  sink: RtcpSink,
  left: Left,
): void {
  const numbers: number[] = [];
  for (let at = body + 8; at + 4 <= end; at += 4) {
    if (numbers.length >= left.nacks) break;
    const first = view.getUint16(at);
    const mask = view.getUint16(at + 2);
    numbers.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if (mask >> bit & 1) numbers.push(first + bit + 1 & 0xffff);
    }
  }
  if (numbers.length === 0) return;
  left.nacks -= numbers.length;
  sink.nack?.(view.getUint32(body + 4), numbers);
}

/** The middle 32 bits of an NTP timestamp, by which reports are named. */
export function compactNtp(ntpTimestamp: bigint): number {
  return Number(ntpTimestamp >> 16n & 0xffffffffn);
}

/** Makes a sender report without report blocks. */
export function senderReport(report: SenderReport): Uint8Array {
  const { bytes, view } = begin(0, TYPE.senderReport, 24);
  view.setUint32(4, report.ssrc);
  view.setBigUint64(8, report.ntpTimestamp);
  view.setUint32(16, report.rtpTimestamp);
  view.setUint32(20, report.packets);
  view.setUint32(24, report.octets);
  return bytes;
}

/** Makes a receiver report of up to 31 streams. */
export function receiverReport(
  ssrc: number,
  blocks: readonly ReportBlock[],
): Uint8Array {
  const length = 4 + BLOCK_BYTES * blocks.length;
  const { bytes, view } = begin(blocks.length, TYPE.receiverReport, length);
  view.setUint32(4, ssrc);
  blocks.forEach((block, i) => {
    const at = 8 + BLOCK_BYTES * i;
    view.setUint32(at, block.ssrc);
    const lost = Math.max(-0x800000, Math.min(block.lost, 0x7fffff));
    view.setInt32(at + 4, lost & 0xffffff);
    view.setUint8(at + 4, Math.min(255, Math.floor(block.fractionLost * 256)));
    view.setUint32(at + 8, block.highest);
    view.setUint32(at + 12, block.jitter);
    view.setUint32(at + 16, block.lastReport);
    view.setUint32(at + 20, block.sinceLastReport);
  });
  return bytes;
}

/** Makes the source description that each compound packet has (CNAME). */
export function sourceDescription(ssrc: number, cname: string): Uint8Array {
  const name = new TextEncoder().encode(cname).subarray(0, 255);
  // SSRC, item type, length, name, and at least one zero that ends the list.
  const length = (4 + 2 + name.length + 1 + 3) & ~3;
  const { bytes, view } = begin(1, TYPE.sourceDescription, length);
  view.setUint32(4, ssrc);
  view.setUint8(8, 1);
  view.setUint8(9, name.length);
  bytes.set(name, 10);
  return bytes;
}

/**
 * Makes a request for packets that are missing.
 *
 * @param sequenceNumbers in order; each with up to 16 that follow it takes 4
 * bytes.
 */
export function nack(
  senderSsrc: number,
  mediaSsrc: number,
  sequenceNumbers: readonly number[],
): Uint8Array {
  const items: [first: number, mask: number][] = [];
  for (const number of sequenceNumbers) {
    const last = items.at(-1);
    const after = last === undefined ? 0 : (number - last[0]) & 0xffff;
    if (last === undefined || after < 1 || after > 16) items.push([number, 0]);
    else last[1] |= 1 << (after - 1);
  }
  const { bytes, view } = begin(
    NACK,
    TYPE.transportFeedback,
    8 + 4 * items.length,
  );
  view.setUint32(4, senderSsrc);
  view.setUint32(8, mediaSsrc);
  items.forEach(([first, mask], i) => {
    view.setUint16(12 + 4 * i, first);
    view.setUint16(14 + 4 * i, mask);
  });
  return bytes;
}

/** Makes a request for a keyframe (picture loss indication). */
export function pictureLoss(
  senderSsrc: number,
  mediaSsrc: number,
): Uint8Array {
  const { bytes, view } = begin(PLI, TYPE.payloadFeedback, 8);
  view.setUint32(4, senderSsrc);
  view.setUint32(8, mediaSsrc);
  return bytes;
}

/**
 * Makes transport-wide feedback.
 *
 * @param body from the base sequence number on, with a multiple of 4 bytes.
 */
export function transportWideFeedback(
  senderSsrc: number,
  mediaSsrc: number,
  body: Uint8Array,
): Uint8Array {
  const { bytes, view } = begin(
    TRANSPORT_WIDE,
    TYPE.transportFeedback,
    8 + body.length,
  );
  view.setUint32(4, senderSsrc);
  view.setUint32(8, mediaSsrc);
  bytes.set(body, 12);
  return bytes;
}

/** @param length bytes after the header, a multiple of 4. */
function begin(
  count: number,
  type: number,
  length: number,
): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(HEADER_BYTES + length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION << 6 | count);
  view.setUint8(1, type);
  view.setUint16(2, length / 4);
  return { bytes, view };
}

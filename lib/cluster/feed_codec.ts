/**
 * A session's feed as messages of NATS, those that go to the watchers' node.
 * All numbers are little-endian; `docs/cluster.md` has the layout.
 */
import type { FromExport } from "../hosting/feed_carrier.ts";
import type { RtpPacketView } from "../media/rtp.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { jsonBytes, readJson } from "./json.ts";

/** A packet of a track. */
export interface TrackPacket {
  track: number;
  packet: RtpPacketView;
}

/** A link carries what no node of ours sends; its message is a clause. */
export class FeedError extends Error {
  override readonly name = "FeedError";
}

/** What a message is, by its number in the header. */
const KINDS = ["alive", "text", "frame", "more", "packets"] as const;
type Kind = typeof KINDS[number];

/** Bytes of a message's header. */
const HEADER_BYTES = 5;
/** Bytes of the two lengths that a frame begins with. */
const FRAME_BYTES = 8;
/** Bytes of a packet's own header. */
export const PACKET_BYTES = 14;
const MARKER = 1;
const HAS_DELAY = 2;
/** Room that is left in each message for what NATS adds, bytes. */
const SPARE_BYTES = 1_024;

/** Makes messages of one link. */
export class FeedWriter {
  readonly #most: number;
  #number = 0;

  /** @param maxPayload most bytes of a message. */
  constructor(maxPayload: number) {
    this.#most = maxPayload - SPARE_BYTES;
  }

  /** Makes the message that there is nothing new. */
  alive(): Uint8Array {
    return this.#message("alive", 0).bytes;
  }

  /** Makes one message of packets. */
  packets(packets: readonly TrackPacket[]): Uint8Array {
    const size = packets.reduce(
      (sum, { packet: { payload } }) => sum + PACKET_BYTES + payload.length,
      0,
    );
    const { bytes, view } = this.#message("packets", size);
    let at = HEADER_BYTES;
    for (const { track, packet } of packets) {
      const { payload, marker, playoutDelayMs } = packet;
      const flags = (marker ? MARKER : 0) |
        (playoutDelayMs === undefined ? 0 : HAS_DELAY);
      view.setUint8(at, track);
      view.setUint8(at + 1, flags);
      view.setUint16(at + 2, packet.sequenceNumber, true);
      view.setUint32(at + 4, packet.timestamp, true);
      view.setFloat32(at + 8, playoutDelayMs ?? 0, true);
      view.setUint16(at + 12, payload.length, true);
      bytes.set(payload, at + PACKET_BYTES);
      at += PACKET_BYTES + payload.length;
    }
    return bytes;
  }

  /** Makes messages of anything else: a frame may take several. */
  *write(
    message: Exclude<FromExport, { type: "packet" }>,
  ): Generator<Uint8Array> {
    if (message.type === "frame") return yield* this.#frame(message);
    const text = jsonBytes(
      message.type === "clock"
        ? { ...message, clock: plainClock(message.clock) }
        : message,
    );
    const { bytes } = this.#message("text", text.length);
    bytes.set(text, HEADER_BYTES);
    yield bytes;
  }

  *#frame(
    { frame, leftOut }: FromExport & { type: "frame" },
  ): Generator<Uint8Array> {
    const { bytes: cloud, ...info } = frame;
    const meta = jsonBytes({ ...info, leftOut });
    const first = this.#most - HEADER_BYTES - FRAME_BYTES - meta.length;
    const start = cloud.subarray(0, Math.max(0, first));
    const size = FRAME_BYTES + meta.length + start.length;
    const { bytes, view } = this.#message("frame", size);
    view.setUint32(HEADER_BYTES, meta.length, true);
    view.setUint32(HEADER_BYTES + 4, cloud.length, true);
    bytes.set(meta, HEADER_BYTES + FRAME_BYTES);
    bytes.set(start, HEADER_BYTES + FRAME_BYTES + meta.length);
    yield bytes;
    const step = this.#most - HEADER_BYTES;
    for (let at = start.length; at < cloud.length; at += step) {
      const part = cloud.subarray(at, at + step);
      const { bytes } = this.#message("more", part.length);
      bytes.set(part, HEADER_BYTES);
      yield bytes;
    }
  }

  #message(kind: Kind, size: number): { bytes: Uint8Array; view: DataView } {
    const bytes = new Uint8Array(HEADER_BYTES + size);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#number, true);
    view.setUint8(4, KINDS.indexOf(kind));
    this.#number = (this.#number + 1) >>> 0;
    return { bytes, view };
  }
}

/** Reads the messages of one link. */
export class FeedReader {
  readonly #maxFrameBytes: number;
  #number = 0;
  /** The frame that goes on, and its bytes so far. */
  #begun: { frame: EncodedFrame; leftOut: number; at: number } | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Reads a message.
   *
   * @returns what it has; nothing where one before it was lost.
   * @throws {FeedError} where it is none of ours, or a frame is too large.
   */
  take(message: Uint8Array): FromExport[] | undefined {
    if (message.length < HEADER_BYTES) throw new FeedError("it is too short");
    const view = viewOf(message);
    if (view.getUint32(0, true) !== this.#number) return undefined;
    this.#number = (this.#number + 1) >>> 0;
    const body = message.subarray(HEADER_BYTES);
    switch (KINDS.at(view.getUint8(4))) {
      case "text":
        return [readText(body)];
      case "frame":
        return this.#begin(body);
      case "more":
        return this.#goOn(body);
      case "packets":
        return readPackets(body);
      default:
        return [];
    }
  }

  #begin(body: Uint8Array): FromExport[] {
    const view = viewOf(body);
    if (body.length < FRAME_BYTES) throw new FeedError("a frame has no length");
    const metaBytes = view.getUint32(0, true);
    const size = view.getUint32(4, true);
    if (size > this.#maxFrameBytes) {
      throw new FeedError(
        `a frame has ${size} bytes, and ${this.#maxFrameBytes} are taken`,
      );
    }
    const start = FRAME_BYTES + metaBytes;
    const { leftOut, ...info } = decode(body.subarray(FRAME_BYTES, start));
    const frame = { ...info, bytes: new Uint8Array(size) } as EncodedFrame;
    this.#begun = { frame, leftOut: Number(leftOut), at: 0 };
    return this.#goOn(body.subarray(start));
  }

  #goOn(part: Uint8Array): FromExport[] {
    const begun = this.#begun;
    if (
      begun === undefined || begun.at + part.length > begun.frame.bytes.length
    ) {
      throw new FeedError("a part is of no frame");
    }
    const { frame, leftOut } = begun;
    frame.bytes.set(part, begun.at);
    begun.at += part.length;
    if (begun.at < frame.bytes.length) return [];
    this.#begun = undefined;
    return [{ type: "frame", frame, leftOut }];
  }
}

function readPackets(body: Uint8Array): FromExport[] {
  const view = viewOf(body);
  const packets: FromExport[] = [];
  for (let at = 0; at < body.length;) {
    const start = at + PACKET_BYTES;
    if (start > body.length) throw new FeedError("a packet is cut");
    const end = start + view.getUint16(at + 12, true);
    if (end > body.length) throw new FeedError("a packet is cut");
    const flags = view.getUint8(at + 1);
    const packet: RtpPacketView = {
      sequenceNumber: view.getUint16(at + 2, true),
      timestamp: view.getUint32(at + 4, true),
      marker: (flags & MARKER) !== 0,
      // It is kept, and the message has what came around it.
      payload: body.slice(start, end),
    };
    if (flags & HAS_DELAY) {
      packet.playoutDelayMs = view.getFloat32(at + 8, true);
    }
    packets.push({ type: "packet", track: view.getUint8(at), packet });
    at = end;
  }
  return packets;
}

function readText(body: Uint8Array): FromExport {
  const message = decode(body) as FromExport;
  if (message.type !== "clock") return message;
  const { ntpTimestamp, rtpTimestamp } = message.clock;
  const clock = { ntpTimestamp: BigInt(ntpTimestamp), rtpTimestamp };
  return { ...message, clock };
}

/** JSON has no bigint. */
function plainClock(clock: { ntpTimestamp: bigint; rtpTimestamp: number }) {
  return { ...clock, ntpTimestamp: `${clock.ntpTimestamp}` };
}

/** @throws {FeedError} */
function decode(bytes: Uint8Array): Record<string, unknown> {
  const value = readJson<Record<string, unknown>>(bytes);
  if (value === undefined) throw new FeedError("its text can't be read");
  return value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

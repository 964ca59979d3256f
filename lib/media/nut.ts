import { ByteQueue } from "./byte_queue.ts";

/** A packet of a NUT stream. */
export interface NutPacket {
  /** Number of its stream, from 0 on. */
  stream: number;
  /** When it is shown, seconds of the container's clock. */
  seconds: number;
  /** Whether decoding can start with it. */
  key: boolean;
  /** Its bytes in order; nobody else has them. */
  parts: Uint8Array[];
  /** The size of its stream's pictures, pixels; 0 by 0 for sound. */
  size: { readonly width: number; readonly height: number };
}

/** A stream, as its header tells. */
export interface NutStreamInfo {
  /** How it is encoded: four characters, such as `VP80`. */
  tag: string;
  /** As its packets have it. */
  size: NutPacket["size"];
  /** Packets that may come before one that is shown earlier. */
  decodeDelay: number;
  /** What a decoder begins with, such as parameter sets; empty for none. */
  extra: Uint8Array;
}

/** What a {@linkcode NutReader} takes at most. */
export interface NutLimits {
  /** Bytes of one packet. */
  packetBytes: number;
}

/** What was read is no NUT, or has what ffmpeg doesn't write. */
export class NutError extends Error {
  override readonly name = "NutError";
}

/** What a NUT stream begins with, and the start codes of its headers. */
const ID = "nut/multimedia container\0";
const START_CODE_BYTE = 0x4e;
const MAIN = 0x4e4d7a561f5f04adn;
const STREAM = 0x4e5311405bf2f9dbn;
const SYNC_POINT = 0x4e4be4adeeca4569n;

/** Bits of a frame's flags. */
const KEY = 1;
const CODED_PTS = 8;
const STREAM_ID = 16;
const SIZE_MSB = 32;
const CHECKSUM = 64;
const RESERVED = 128;
const SIDE_DATA = 256;
const HEADER_INDEX = 1024;
const MATCH_TIME = 2048;
const CODED = 4096;
const INVALID = 8192;

/** Longest header of a frame: some numbers of at most 10 bytes each. */
const MAX_FRAME_HEADER = 128;
const START_CODE_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** A header packet longer than this has a checksum of its own head. */
const LONG_PACKET = 4096;
/** Packets longer than this have their head written out. */
const MAX_ELIDED = 4096;
/** Titles, languages and the like are in these too. */
const MAX_HEADER_PACKET = 1024 * 1024;
const MAX_STREAMS = 8;

interface FrameCode {
  flags: number;
  ptsDelta: number;
  stream: number;
  sizeMul: number;
  sizeLsb: number;
  reserved: number;
  header: number;
}

interface TimeBase {
  num: number;
  den: number;
}

interface NutStream extends NutStreamInfo {
  timeBase: TimeBase;
  /** Bits of a timestamp that are written where it is near the last. */
  shift: number;
  /** Ticks. */
  lastPts: number;
}

/** The head of a frame: all but its data. */
interface FrameHead {
  stream: number;
  pts: number;
  key: boolean;
  /** Bytes that the file has. */
  size: number;
  /** Bytes that come before those. */
  elided: Uint8Array;
}

/**
 * Reads the packets of a NUT stream as ffmpeg writes it to a pipe (version 3 of
 * the NUT open container format). It has what a pipe needs and raw streams
 * lack: where a packet ends is known with its last byte, and when it is shown.
 *
 * Checksums aren't checked: a pipe loses nothing.
 */
export class NutReader {
  readonly #queue = new ByteQueue();
  readonly #limits: NutLimits;
  #begun = false;
  #codes: FrameCode[] = [];
  #timeBases: TimeBase[] = [];
  #elided: Uint8Array[] = [];
  readonly #streams: NutStream[] = [];
  /** The frame whose data is awaited. */
  #head?: FrameHead;

  constructor(limits: NutLimits) {
    this.#limits = limits;
  }

  /** The streams that are known: all of them, from the first packet on. */
  get streams(): readonly NutStreamInfo[] {
    return this.#streams;
  }

  /**
   * Takes the next bytes, and gives the packets that are whole now.
   *
   * @throws {NutError} for what is no NUT, or a packet over its limit.
   */
  *push(bytes: Uint8Array): Generator<NutPacket> {
    this.#queue.push(bytes);
    while (this.#step()) {
      const packet = this.#takeFrame();
      if (packet !== undefined) yield packet;
    }
  }

  /** Goes on by one element; false where more bytes are needed for it. */
  #step(): boolean {
    if (this.#head !== undefined) return this.#queue.length >= this.#head.size;
    if (!this.#begun) return this.#begin();
    if (this.#queue.length === 0) return false;
    if (this.#queue.peek(1)[0] === START_CODE_BYTE) return this.#readPacket();
    const fields = new Fields(this.#queue.peek(MAX_FRAME_HEADER));
    const head = this.#readFrameHead(fields);
    if (fields.isShort) return this.#needMore(MAX_FRAME_HEADER);
    this.#streams[head.stream].lastPts = head.pts;
    this.#queue.take(fields.at);
    this.#head = head;
    return true;
  }

  #takeFrame(): NutPacket | undefined {
    const head = this.#head;
    if (head === undefined || this.#queue.length < head.size) return;
    this.#head = undefined;
    const { stream, key, pts, elided } = head;
    const parts = this.#queue.take(head.size);
    if (elided.length > 0) parts.unshift(elided);
    const { size, timeBase: { num, den } } = this.#streams[stream];
    return { stream, key, seconds: pts * num / den, parts, size };
  }

  #begin(): boolean {
    if (this.#queue.length < ID.length) return false;
    const id = String.fromCharCode(...this.#queue.peek(ID.length));
    if (id !== ID) throw new NutError("this is no NUT stream");
    this.#queue.take(ID.length);
    return this.#begun = true;
  }

  /** Whether to wait, as there is less than an element can have. */
  #needMore(most: number): false {
    if (this.#queue.length < most) return false;
    throw new NutError("a NUT header doesn't end");
  }

  /** Reads what begins with a start code. */
  #readPacket(): boolean {
    const start = new Fields(this.#queue.peek(MAX_FRAME_HEADER));
    const code = start.uint64();
    const length = start.v();
    if (length > LONG_PACKET) start.skip(CHECKSUM_BYTES);
    if (start.isShort) return this.#needMore(MAX_FRAME_HEADER);
    if (length > MAX_HEADER_PACKET || length < CHECKSUM_BYTES) {
      throw new NutError(`a NUT header of ${length} bytes`);
    }
    if (this.#queue.length < start.at + length) return false;
    const packet = this.#queue.peek(start.at + length).subarray(start.at);
    const fields = new Fields(packet.subarray(0, -CHECKSUM_BYTES));
    if (code === MAIN) this.#readMain(fields);
    else if (code === STREAM) this.#readStream(fields);
    else if (code === SYNC_POINT) this.#readSyncPoint(fields);
    this.#queue.take(start.at + length);
    if (fields.isShort) throw new NutError("a NUT header ends too early");
    return true;
  }

  #readMain(fields: Fields): void {
    const version = fields.v();
    if (version !== 3) throw new NutError(`NUT of version ${version}`);
    const streams = fields.v();
    if (streams > MAX_STREAMS) throw new NutError(`${streams} NUT streams`);
    fields.v(); // max_distance
    const bases = fields.v();
    if (bases > MAX_STREAMS) throw new NutError(`${bases} NUT time bases`);
    this.#timeBases = Array.from(
      { length: bases },
      () => ({ num: fields.v(), den: Math.max(1, fields.v()) }),
    );
    this.#codes = readFrameCodes(fields);
    this.#elided = [new Uint8Array(0)];
    if (fields.left === 0) return;
    for (let more = fields.v(); more > 0 && !fields.isShort; more--) {
      this.#elided.push(fields.bytes(fields.v()).slice());
    }
  }

  #readStream(fields: Fields): void {
    const id = fields.v();
    if (id >= MAX_STREAMS) throw new NutError(`a NUT stream of number ${id}`);
    const isVideo = fields.v() === 0;
    const tag = String.fromCharCode(...fields.bytes(fields.v()));
    const timeBase = this.#timeBases[fields.v()];
    const shift = fields.v();
    if (timeBase === undefined || shift > 16) {
      throw new NutError("a NUT stream without a time base");
    }
    fields.v(); // max_pts_distance
    const decodeDelay = fields.v();
    fields.v(); // stream_flags
    const extra = fields.bytes(fields.v()).slice();
    const [width, height] = isVideo ? [fields.v(), fields.v()] : [0, 0];
    const size = { width, height };
    // Headers come again and again in a long stream, and say the same.
    const known = { tag, size, decodeDelay, extra };
    this.#streams[id] ??= { ...known, timeBase, shift, lastPts: 0 };
  }

  #readSyncPoint(fields: Fields): void {
    const coded = fields.v();
    fields.v(); // back_ptr_div16
    const count = this.#timeBases.length;
    const { num, den } = this.#timeBases[coded % count];
    const ticks = Math.floor(coded / count);
    for (const stream of this.#streams) {
      if (stream === undefined) continue;
      const own = stream.timeBase;
      stream.lastPts = Math.floor(ticks * num * own.den / (den * own.num));
    }
  }

  #readFrameHead(fields: Fields): FrameHead {
    const code = this.#codes[fields.byte()];
    if (code === undefined) throw new NutError("a NUT frame before its header");
    let { flags, stream: id, reserved, header, sizeLsb: size } = code;
    if (flags & INVALID) throw new NutError("a NUT frame of no known kind");
    if (flags & CODED) flags ^= fields.v();
    if (flags & STREAM_ID) id = fields.v();
    const stream = this.#streams[id];
    if (stream === undefined) throw new NutError(`a frame of stream ${id}`);
    const pts = flags & CODED_PTS
      ? fullPts(stream, fields.v())
      : stream.lastPts + code.ptsDelta;
    if (flags & SIZE_MSB) size += code.sizeMul * fields.v();
    if (flags & MATCH_TIME) fields.v();
    if (flags & HEADER_INDEX) header = fields.v();
    if (flags & RESERVED) reserved = fields.v();
    for (; reserved > 0 && !fields.isShort; reserved--) fields.v();
    if (flags & CHECKSUM) fields.skip(CHECKSUM_BYTES);
    if (flags & SIDE_DATA) throw new NutError("a NUT frame with side data");
    const elided = this.#elided[size > MAX_ELIDED ? 0 : header];
    if (!fields.isShort) {
      if (elided === undefined || size < elided.length) {
        throw new NutError("a NUT frame with an unknown head");
      }
      if (size > this.#limits.packetBytes) {
        throw new NutError(`a packet of ${size} bytes`);
      }
      size -= elided.length;
    }
    return { stream: id, pts, key: (flags & KEY) !== 0, size, elided };
  }
}

/** Reads the table that the first byte of each frame is looked up in. */
function readFrameCodes(fields: Fields): FrameCode[] {
  const codes: FrameCode[] = [];
  const invalid = { ...NO_CODE, flags: INVALID };
  let [ptsDelta, sizeMul, stream, header] = [0, 1, 0, 0];
  while (codes.length < 256 && !fields.isShort) {
    const flags = fields.v();
    const count = fields.v();
    if (count > 0) ptsDelta = fields.s();
    if (count > 1) sizeMul = fields.v();
    if (count > 2) stream = fields.v();
    const sizeLsb = count > 3 ? fields.v() : 0;
    const reserved = count > 4 ? fields.v() : 0;
    const codesAlike = count > 5 ? fields.v() : sizeMul - sizeLsb;
    if (count > 6) fields.s();
    if (count > 7) header = fields.v();
    for (let i = 8; i < count && !fields.isShort; i++) fields.v();
    const alike = { flags, ptsDelta, stream, sizeMul, reserved, header };
    for (let i = 0; i < codesAlike && codes.length < 256; i++) {
      if (codes.length === START_CODE_BYTE) codes.push(invalid);
      codes.push({ ...alike, sizeLsb: sizeLsb + i });
    }
  }
  return codes.slice(0, 256);
}

const NO_CODE: FrameCode = {
  flags: 0,
  ptsDelta: 0,
  stream: 0,
  sizeMul: 1,
  sizeLsb: 0,
  reserved: 0,
  header: 0,
};

/** A timestamp of which only the low bits may be written. */
function fullPts({ shift, lastPts }: NutStream, coded: number): number {
  const range = 2 ** shift;
  if (coded >= range) return coded - range;
  const least = lastPts - Math.floor((range - 1) / 2);
  return least + (((coded - least) % range) + range) % range;
}

/** Reads NUT's numbers; past the end they are 0, and `isShort` tells. */
class Fields {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return Math.max(0, this.#bytes.length - this.at);
  }

  get isShort(): boolean {
    return this.at > this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++] ?? 0;
  }

  skip(count: number): void {
    this.at += count;
  }

  bytes(count: number): Uint8Array {
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  uint64(): bigint {
    let value = 0n;
    for (let i = 0; i < START_CODE_BYTES; i++) {
      value = value << 8n | BigInt(this.byte());
    }
    return value;
  }

  /** An unsigned number, 7 bits a byte, the most significant first. */
  v(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
  }

  /** A signed one. */
  s(): number {
    const value = this.v() + 1;
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
  }
}

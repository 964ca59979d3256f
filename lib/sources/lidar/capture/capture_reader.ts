/** Captures of a network: pcap, as tcpdump writes it, and pcapng. */
import { SourceError } from "../../errors.ts";
import { reasonOf } from "../../file_list.ts";

/** A frame as it was on the network. */
export interface CapturedFrame {
  /** Milliseconds since the Unix epoch. */
  time: number;
  /** What its bytes begin with (tcpdump.org, "Link-layer header types"). */
  linkType: number;
  /** Valid until the next frame is read. */
  data: Uint8Array;
}

/** Options of {@linkcode readCapture}. */
export interface ReadCaptureOptions {
  /** Told where the file ends in the middle of a frame. */
  onCutOff?: (bytes: number) => void;
}

/** Most bytes of a frame or a block: tcpdump takes 262,144 of a frame. */
const MAX_BLOCK_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;

const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** The ways in which a pcap begins. */
const PCAP_MAGICS = new Map([
  [0xa1b2c3d4, { isLittle: false, perSecond: 1e6 }],
  [0xd4c3b2a1, { isLittle: true, perSecond: 1e6 }],
  [0xa1b23c4d, { isLittle: false, perSecond: 1e9 }],
  [0x4d3cb2a1, { isLittle: true, perSecond: 1e9 }],
]);

/** Block types of pcapng (draft-ietf-opsawg-pcapng). */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const SECTION_MAGIC = 0x1a2b3c4d;
const [OPTION_END, OPTION_RESOLUTION, OPTION_OFFSET] = [0, 9, 14];
/** Interfaces of a section; what comes from further ones is passed over. */
const MAX_INTERFACES = 1024;

/**
 * Reads a capture's frames, one after the other, in flat memory.
 *
 * @throws {SourceError} naming the file, where it is no capture or is damaged.
 */
export async function* readCapture(
  path: string,
  options: ReadCaptureOptions = {},
): AsyncGenerator<CapturedFrame, void, undefined> {
  using file = await openFile(path);
  const reader = new BlockReader(file, path);
  const start = await reader.peek(4);
  const magic = start === undefined ? undefined : start.getUint32(0);
  if (magic === SECTION) yield* readPcapng(reader, options);
  else if (magic !== undefined && PCAP_MAGICS.has(magic)) {
    yield* readPcap(reader, options);
  } else throw new SourceError(`${path} is neither pcap nor pcapng`);
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new SourceError(`${path} can't be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function* readPcap(
  reader: BlockReader,
  { onCutOff }: ReadCaptureOptions,
): AsyncGenerator<CapturedFrame, void, undefined> {
  const header = await reader.take(PCAP_HEADER_BYTES);
  if (header === undefined) return onCutOff?.(reader.position);
  const { isLittle, perSecond } = PCAP_MAGICS.get(header.getUint32(0))!;
  const linkType = header.getUint32(20, isLittle) & 0xffff;
  while (true) {
    const record = await reader.peek(RECORD_HEADER_BYTES);
    if (record === undefined) break;
    const length = record.getUint32(8, isLittle);
    reader.check(length);
    const seconds = record.getUint32(0, isLittle);
    const time = (seconds + record.getUint32(4, isLittle) / perSecond) * 1e3;
    const whole = await reader.take(RECORD_HEADER_BYTES + length);
    if (whole === undefined) break;
    const data = bytesOf(whole).subarray(RECORD_HEADER_BYTES);
    yield { time, linkType, data };
  }
  if (reader.left > 0) onCutOff?.(reader.position);
}

/** Where the frames of a pcapng section came from. */
interface Interface {
  linkType: number;
  /** Milliseconds of a unit of its times. */
  unit: number;
  /** Milliseconds that are added to its times. */
  offset: number;
}

async function* readPcapng(
  reader: BlockReader,
  { onCutOff }: ReadCaptureOptions,
): AsyncGenerator<CapturedFrame, void, undefined> {
  let isLittle = true;
  let interfaces: Interface[] = [];
  while (true) {
    const start = await reader.peek(12);
    if (start === undefined) break;
    if (start.getUint32(0) === SECTION) {
      isLittle = start.getUint32(8, true) === SECTION_MAGIC;
      interfaces = [];
    }
    const type = start.getUint32(0, isLittle);
    const length = start.getUint32(4, isLittle);
    reader.check(length, 12);
    const block = await reader.take(length);
    if (block === undefined) break;
    if (type === INTERFACE && length >= 20) {
      if (interfaces.length >= MAX_INTERFACES) continue;
      interfaces.push(readInterface(block, isLittle));
    } else if (type === ENHANCED_PACKET && length >= 32) {
      const frame = readEnhanced(block, { isLittle, interfaces });
      if (frame !== undefined) yield frame;
    }
  }
  if (reader.left > 0) onCutOff?.(reader.position);
}

function readInterface(block: DataView, isLittle: boolean): Interface {
  const linkType = block.getUint16(8, isLittle);
  let [unit, offset] = [1e-3, 0];
  for (let at = 16; at + 4 <= block.byteLength - 4;) {
    const code = block.getUint16(at, isLittle);
    const length = block.getUint16(at + 2, isLittle);
    const isInside = at + 4 + length <= block.byteLength - 4;
    if (code === OPTION_END || !isInside) break;
    if (code === OPTION_RESOLUTION && length === 1) {
      const power = block.getUint8(at + 4);
      const perSecond = power < 0x80 ? 10 ** power : 2 ** (power & 0x7f);
      unit = 1e3 / perSecond;
    } else if (code === OPTION_OFFSET && length === 8) {
      offset = Number(block.getBigInt64(at + 4, isLittle)) * 1e3;
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType, unit, offset };
}

function readEnhanced(
  block: DataView,
  { isLittle, interfaces }: { isLittle: boolean; interfaces: Interface[] },
): CapturedFrame | undefined {
  const from = interfaces[block.getUint32(8, isLittle)];
  const length = block.getUint32(20, isLittle);
  if (from === undefined || length > block.byteLength - 32) return undefined;
  const units = block.getUint32(12, isLittle) * 2 ** 32 +
    block.getUint32(16, isLittle);
  return {
    time: from.offset + units * from.unit,
    linkType: from.linkType,
    data: bytesOf(block).subarray(28, 28 + length),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Reads a file in pieces that are looked at where they lie. */
class BlockReader {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #buffer = new Uint8Array(READ_BYTES + MAX_BLOCK_BYTES);
  #start = 0;
  #end = 0;
  #taken = 0;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Bytes of the file that were taken. */
  get position(): number {
    return this.#taken;
  }

  /** Bytes that are here and not taken. */
  get left(): number {
    return this.#end - this.#start;
  }

  /** Looks at the next bytes; nothing where the file ends before. */
  async peek(length: number): Promise<DataView | undefined> {
    if (this.left < length && !await this.#fill(length)) return undefined;
    return new DataView(this.#buffer.buffer, this.#start, length);
  }

  /** Takes the next bytes; they are valid until more are read. */
  async take(length: number): Promise<DataView | undefined> {
    const view = await this.peek(length);
    if (view === undefined) return undefined;
    this.#start += length;
    this.#taken += length;
    return view;
  }

  /** @throws {SourceError} for a length that no block has. */
  check(length: number, least = 0): void {
    const most = MAX_BLOCK_BYTES - RECORD_HEADER_BYTES;
    if (length >= least && length <= most) return;
    throw new SourceError(
      `${this.#path} is damaged: a frame of ${length} bytes at byte ` +
        `${this.#taken}`,
    );
  }

  async #fill(length: number): Promise<boolean> {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    while (this.#end < length) {
      const free = this.#buffer.subarray(this.#end);
      const count = await this.#file.read(free);
      if (count === null) return false;
      this.#end += count;
    }
    return true;
  }
}

import { SourceError } from "../../errors.ts";
import type { TimedCloud } from "../../source.ts";
import { captureTimeOf } from "../capture_time.ts";
import type { PacketCounts, PacketDecoder } from "../packet_decoder.ts";
import { type OusterMetadata, readMetadata } from "./metadata.ts";
import { PacketLayout } from "./packet_layout.ts";
import { PROFILES } from "./profiles.ts";
import { ScanBuilder } from "./scan.ts";

/** Scans of which less than this has come are given to nobody. */
const LEAST_SHARE = 1 / 16;
/** Frames in a row that may be lost; a longer way is a sensor's new start. */
const MOST_LOST_FRAMES = 100;
/** Frames that a packet may come too late by. */
const MOST_LATE_FRAMES = 8;

/** Makes scans of the packets of one Ouster sensor. */
export class OusterDecoder implements PacketDecoder {
  readonly counts: PacketCounts = { lost: 0, refused: 0 };
  reason?: string;
  readonly #metadata: OusterMetadata;
  readonly #layout: PacketLayout;
  readonly #scan: ScanBuilder;
  /** Whether each packet of a frame is sent. */
  readonly #expected: readonly boolean[];
  readonly #expectedCount: number;
  /** Which of them have come. */
  readonly #here: Uint8Array;
  #hereCount = 0;
  /** The first of the scan, where the others may have come before us. */
  #firstPacket = 0;
  #lastPacket = 0;
  #frameId: number | undefined;
  /** Whether its scan was given. */
  #isDone = false;
  #hasSeenFrame = false;
  #captureTime = 0;

  /** @throws {SourceError} for metadata that can't be used. */
  constructor(metadata: unknown) {
    if (metadata === undefined) {
      throw new SourceError(
        "Ouster's packets can't be read without the sensor's metadata: give " +
          "its JSON file with --metadata",
      );
    }
    this.#metadata = readMetadata(metadata);
    const profile = PROFILES.get(this.#metadata.profile)!;
    this.#layout = new PacketLayout(this.#metadata, profile);
    this.#scan = new ScanBuilder(this.#metadata, this.#layout);
    this.#expected = expectedPackets(this.#metadata);
    this.#expectedCount = this.#expected.filter((is) => is).length;
    this.#here = new Uint8Array(this.#expected.length);
  }

  push(payload: Uint8Array, receivedAt: number): TimedCloud | undefined {
    const { buffer, byteOffset, length } = payload;
    const packet = new DataView(buffer, byteOffset, length);
    const why = this.#whyRefused(packet);
    if (why !== undefined) return this.#refuse(why);
    const { frameId } = this.#layout.header(packet);
    const given = this.#turnTo(frameId);
    if (given === "late") return this.#refuse("it is of a scan before");
    if (this.#isDone) return undefined;
    this.#add(packet, receivedAt);
    // At most one of the two: a scan of one packet ends where it begins.
    return given ??
      (this.#hereCount === this.#expectedCount ? this.#give() : undefined);
  }

  end(): TimedCloud | undefined {
    // What the recording doesn't have isn't lost.
    const given = this.#isDone ? undefined : this.#give(this.#lastPacket + 1);
    this.#frameId = undefined;
    this.#isDone = this.#hasSeenFrame = false;
    return given;
  }

  #refuse(why: string): undefined {
    this.counts.refused++;
    this.reason = why;
  }

  #whyRefused(packet: DataView): string | undefined {
    const { bytes, columns } = this.#layout;
    if (packet.byteLength !== bytes) {
      return `it has ${packet.byteLength} bytes, and ${bytes} are expected ` +
        `of ${this.#metadata.profile} by the metadata`;
    }
    if (!this.#layout.hasPoints(packet)) return "it is no packet of points";
    const { serial } = this.#layout.header(packet);
    const expected = this.#metadata.serial;
    if (serial !== 0 && expected !== 0 && serial !== expected) {
      return `it is of sensor ${serial}, and the metadata is of ${expected}`;
    }
    for (let column = 0; column < columns; column++) {
      const id = this.#layout.measurementId(packet, column);
      if (id >= this.#metadata.columns) {
        return `it has column ${id} of ${this.#metadata.columns}`;
      }
    }
  }

  /** Goes on to another frame where a packet is of one. */
  #turnTo(frameId: number): TimedCloud | "late" | undefined {
    if (this.#frameId === frameId) return undefined;
    let given: TimedCloud | undefined;
    if (this.#frameId !== undefined) {
      const { frameIds } = this.#layout;
      const ahead = (frameId - this.#frameId + frameIds) % frameIds;
      if (ahead >= frameIds - MOST_LATE_FRAMES) return "late";
      if (ahead <= MOST_LOST_FRAMES) {
        this.counts.lost += (ahead - 1) * this.#expectedCount;
      }
      if (!this.#isDone) given = this.#give();
      this.#hasSeenFrame = true;
    }
    this.#frameId = frameId;
    this.#isDone = false;
    this.#hereCount = 0;
    this.#here.fill(0);
    this.#scan.clear();
    return given;
  }

  #add(packet: DataView, receivedAt: number): void {
    const id = this.#layout.measurementId(packet, 0);
    const number = Math.floor(id / this.#layout.columns);
    if (this.#here[number] === 1) return;
    const hadTime = this.#scan.firstTime !== undefined;
    if (this.#hereCount === 0) this.#firstPacket = number;
    this.#lastPacket = number;
    this.#here[number] = 1;
    if (this.#expected[number]) this.#hereCount++;
    this.#scan.add(packet);
    const time = this.#scan.firstTime;
    if (hadTime || time === undefined) return;
    this.#captureTime = captureTimeOf(Number(time) / 1e6, receivedAt);
  }

  /** Gives the scan, unless next to nothing of it has come. */
  #give(end = this.#expected.length): TimedCloud | undefined {
    this.#isDone = true;
    if (this.#frameId === undefined) return undefined;
    this.#countLost(end);
    const share = this.#scan.columnsHere / this.#metadata.columns;
    const window = this.#expectedCount / this.#expected.length;
    if (share === 0 || share < window * LEAST_SHARE) return undefined;
    return { cloud: this.#scan.finish(), captureTime: this.#captureTime };
  }

  /** What came before the first packet that was heard isn't lost. */
  #countLost(end: number): void {
    const from = this.#hasSeenFrame ? 0 : this.#firstPacket;
    for (let i = from; i < end; i++) {
      if (this.#expected[i] && this.#here[i] === 0) this.counts.lost++;
    }
  }
}

/** Tells which packets of a frame a sensor sends: those of its window. */
function expectedPackets(
  { columns, columnsPerPacket, window: [first, last] }: OusterMetadata,
): boolean[] {
  const isInside = (column: number) =>
    first <= last
      ? column >= first && column <= last
      : column >= first || column <= last;
  const packets = Math.ceil(columns / columnsPerPacket);
  return Array.from({ length: packets }, (_, packet) => {
    const from = packet * columnsPerPacket;
    return Array.from({ length: columnsPerPacket }, (_, i) => from + i)
      .some((column) => column < columns && isInside(column));
  });
}

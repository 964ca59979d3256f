/** The way of one stream's frames in the worker: messages in, clouds out. */
import type { CloudLayout, Pose } from "../points/cloud.ts";
import type { PointsError } from "../points/errors.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import { FrameReassembler } from "../wire/frame_reassembler.ts";
import { CloudPacker } from "./cloud_packer.ts";
import type { ColorChoice } from "./coloring.ts";
import { describePoint, type PointValues } from "./point_values.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** A frame, and where its coordinates stand. */
interface PlacedFrame {
  frame: EncodedFrame;
  pose: Pose | undefined;
  /** The number that its first cloud got. */
  order?: number;
}

export interface FramesPipelineEvents {
  /** Called when there is something to be packed. */
  onReady(): void;
  /** Called for each mistake of the sender, which is passed over. */
  onInvalid(error: PointsError): void;
  /** Gives a cloud a number of its own. */
  serial(): number;
}

/** Puts the frames of one stream together, and packs the newest. */
export class FramesPipeline {
  readonly #stream: number;
  readonly #events: FramesPipelineEvents;
  readonly #packer = new CloudPacker();
  /** The frames of the clouds that the page has, as they came. */
  readonly #frames = new Map<number, PlacedFrame>();
  /** Clouds to be packed once more, in the order of their numbers. */
  #again: number[] = [];
  #pose: Pose | undefined;
  #reader = new FrameReader("points");
  #reassembler = this.#createReassembler();
  #newest: PlacedFrame | undefined;

  /** @param stream the page's number of it. */
  constructor(stream: number, events: FramesPipelineEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  /** Forgets what was under way; the clouds that the page has stay. */
  begin(isNew: boolean): void {
    this.#newest = undefined;
    this.#reader = new FrameReader("points");
    this.#reassembler = this.#createReassembler();
    if (isNew) this.#packer.reset();
  }

  setLayout(layout: CloudLayout): void {
    this.#reader.setLayout(layout);
  }

  /** Says where the coordinates of the frames that follow stand. */
  place(pose: Pose | undefined): void {
    this.#pose = pose;
  }

  push(bytes: ArrayBuffer): void {
    this.#reassembler.push(new Uint8Array(bytes));
  }

  /** Colours clouds anew; of those that are shown, the newest come first. */
  color(choice: ColorChoice | undefined, shown: number[]): void {
    this.#packer.choice = choice;
    this.#again = shown.toSorted((a, b) => a - b);
    for (let i = 0; i < shown.length; i++) this.#events.onReady();
  }

  /** Takes back a cloud that the page doesn't need any more. */
  recycle(serial: number, buffer: ArrayBuffer): void {
    this.#frames.delete(serial);
    this.#packer.recycle(buffer);
  }

  /**
   * Packs the newest frame, or else a cloud that is to have other colours.
   *
   * @returns nothing where there is nothing to do.
   * @throws {PointsError} for a frame that can't be decoded.
   */
  next(): DecodedCloud | undefined {
    const newest = this.#newest;
    this.#newest = undefined;
    if (newest !== undefined) return this.#pack(newest);
    const again = this.#again.pop();
    const placed = again === undefined ? undefined : this.#frames.get(again);
    return placed && this.#pack(placed, again);
  }

  /**
   * Describes a point of a cloud that the page has; nothing of others.
   *
   * @throws {PointsError} for a frame that can't be decoded.
   */
  describe(serial: number, index: number): PointValues | undefined {
    const frame = this.#frames.get(serial)?.frame;
    return frame && describePoint(this.#reader.decode(frame), index);
  }

  #pack(placed: PlacedFrame, again?: number): DecodedCloud {
    const { frame, pose } = placed;
    const { number, codec, captureTime, fields, stride } = frame;
    const cloud = this.#packer.pack(this.#reader.decode(frame), pose);
    const serial = this.#events.serial();
    this.#frames.set(serial, placed);
    const stream = this.#stream;
    const order = placed.order ??= serial;
    return {
      ...{ ...cloud, type: "cloud", stream, serial, again, order },
      ...{ number, codec, captureTime, fields, stride },
    };
  }

  #createReassembler(): FrameReassembler {
    return new FrameReassembler({
      onFrame: (info, bytes) => {
        const frame = this.#reader.read(info, bytes);
        const isWaiting = this.#newest !== undefined;
        this.#newest = { frame, pose: this.#pose };
        if (!isWaiting) this.#events.onReady();
      },
      onInvalid: (error) => this.#events.onInvalid(error),
    });
  }
}

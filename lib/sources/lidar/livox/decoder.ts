import type { TimedCloud } from "../../source.ts";
import { captureTimeOf } from "../capture_time.ts";
import type { PacketCounts, PacketDecoder } from "../packet_decoder.ts";
import { ScanPoints } from "../scan_points.ts";
import {
  INTERVAL_AT,
  NUMBER_AT,
  POINTS_AT,
  TIME_AT,
  whyRefused,
} from "./packet.ts";
import { decodePoints } from "./points.ts";

/** A second has 200,000 points of a Mid-360, and 450,000 of a HAP. */
const MOST_POINTS = 1 << 18;

/**
 * Nanoseconds of a frame. The pattern doesn't repeat: where one ends is as good
 * as anywhere, and so it is where the sensor's clock has a full tenth.
 */
const FRAME_NS = 100_000_000n;

/** More packets at once aren't lost: the sensor starts to count again. */
const MOST_LOST = 1000;

/** Decodes the packets of one sensor that speaks the SDK 2's protocol. */
export class LivoxDecoder implements PacketDecoder {
  readonly counts: PacketCounts = { lost: 0, refused: 0 };
  reason?: string;
  readonly #points = new ScanPoints({
    half: "line",
    bytes: ["intensity", "tag"],
    most: MOST_POINTS,
  });
  /** The frame's first point. */
  #start?: { ns: bigint; captureTime: number };
  #nextNumber?: number;

  push(payload: Uint8Array, receivedAt: number): TimedCloud | undefined {
    const reason = whyRefused(payload);
    if (reason !== undefined) {
      this.counts.refused++;
      this.reason = reason;
      return undefined;
    }
    const { buffer, byteOffset, length } = payload;
    const view = new DataView(buffer, byteOffset, length);
    this.#countLost(view.getUint16(NUMBER_AT, true));
    const ns = view.getBigUint64(TIME_AT, true);
    const count = view.getUint16(POINTS_AT, true);
    const ended = this.#isOfFrame(ns) && this.#points.reserve(count)
      ? undefined
      : this.#take();
    this.#start ??= {
      ns,
      captureTime: captureTimeOf(Number(ns) / 1e6, receivedAt),
    };
    this.#points.reserve(count);
    decodePoints(this.#points, view, {
      ns: Number(ns - this.#start.ns),
      step: view.getUint16(INTERVAL_AT, true) * 100 / count,
    });
    return ended;
  }

  end(): TimedCloud | undefined {
    this.#nextNumber = undefined;
    return this.#take();
  }

  #isOfFrame(ns: bigint): boolean {
    return this.#start === undefined ||
      ns >= this.#start.ns && ns / FRAME_NS === this.#start.ns / FRAME_NS;
  }

  #countLost(number: number): void {
    const lost = number - (this.#nextNumber ?? number);
    if (lost > 0 && lost < MOST_LOST) this.counts.lost += lost;
    this.#nextNumber = (number + 1) % 0x1_0000;
  }

  #take(): TimedCloud | undefined {
    if (this.#start === undefined) return undefined;
    const { captureTime } = this.#start;
    this.#start = undefined;
    return { cloud: this.#points.take(), captureTime };
  }
}

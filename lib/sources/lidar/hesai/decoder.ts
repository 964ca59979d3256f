import type { TimedCloud } from "../../source.ts";
import { captureTimeOf } from "../capture_time.ts";
import type { PacketCounts, PacketDecoder } from "../packet_decoder.ts";
import { ScanPoints } from "../scan_points.ts";
import { createTurnTables, TURN } from "../turn.ts";
import { decodeBlock } from "./block.ts";
import { createLayout, type Layout, returnsOf } from "./layout.ts";
import { type Angles, findModel, type HesaiModel } from "./models.ts";
import { readTail } from "./tail.ts";

/** A Pandar64 that turns five times a second has 460,000 with two returns. */
const MOST_POINTS = 1 << 19;

/** A scan that takes longer is of a sensor that doesn't turn. */
const LONGEST_SCAN_MICROS = 1_000_000;

/** An azimuth that goes back by less is the encoder's noise. */
const NOISE = 100;

/** More packets at once aren't lost: the sensor starts to count again. */
const MOST_LOST = 10_000;

/** Decodes the packets of one sensor, whose model they tell. */
export class HesaiDecoder implements PacketDecoder {
  readonly counts: PacketCounts = { lost: 0, refused: 0 };
  reason?: string;
  readonly #angles?: Angles;
  readonly #turn = createTurnTables();
  readonly #points = new ScanPoints({
    half: "ring",
    bytes: ["intensity", "return"],
    most: MOST_POINTS,
  });
  #layout?: Layout;
  /** The scan's first packet, and its first point: microseconds from there. */
  #start?: { micros: number; offset: number; captureTime: number };
  #lastAzimuth = -1;
  #nextNumber?: number;

  /** @param angles where its channels look, where its own are known. */
  constructor(angles?: Angles) {
    this.#angles = angles;
  }

  push(payload: Uint8Array, receivedAt: number): TimedCloud | undefined {
    const model = findModel(payload);
    if (model === undefined) {
      return this.#refuse(
        `A packet of ${payload.length} bytes is of no Hesai that is known`,
      );
    }
    const tail = readTail(payload, model);
    const returns = returnsOf(tail.returnMode);
    if (returns === undefined) {
      const mode = tail.returnMode.toString(16).padStart(2, "0");
      return this.#refuse(`Return mode 0x${mode} of ${model.name} is unknown`);
    }
    const channels = model.angles.elevations.length;
    const corrected = this.#angles?.elevations.length ?? channels;
    if (corrected !== channels) {
      return this.#refuse(
        `${model.name} has ${channels} channels, and the angle corrections ` +
          `have ${corrected}`,
      );
    }
    this.#countLost(tail.number);
    const ended = this.#endBefore(model, { returns, micros: tail.micros });
    return this.#decode(payload, { ...tail, receivedAt, ended });
  }

  end(): TimedCloud | undefined {
    this.#lastAzimuth = -1;
    this.#nextNumber = undefined;
    return this.#take();
  }

  #refuse(reason: string): undefined {
    this.counts.refused++;
    this.reason = reason;
  }

  #countLost(number: number | undefined): void {
    if (number === undefined) return;
    const lost = number - (this.#nextNumber ?? number);
    if (lost > 0 && lost < MOST_LOST) this.counts.lost += lost;
    this.#nextNumber = (number + 1) % 2 ** 32;
  }

  /** Ends the scan before a packet that can't be of it. */
  #endBefore(
    model: HesaiModel,
    { returns, micros }: { returns: number; micros: number },
  ): TimedCloud | undefined {
    const layout = this.#layout;
    let ended: TimedCloud | undefined;
    if (layout?.model !== model || layout.returns !== returns) {
      ended = this.end();
      this.#layout = createLayout(model, { returns, angles: this.#angles });
    } else if (this.#start !== undefined) {
      const age = micros - this.#start.micros;
      const isOfScan = Math.abs(age) < LONGEST_SCAN_MICROS &&
        age + layout.blockMicros[0] + layout.firstChannel >=
          this.#start.offset;
      if (!isOfScan || !this.#points.reserve(packetPoints(this.#layout!))) {
        ended = this.#take();
      }
    }
    this.#points.reserve(packetPoints(this.#layout!));
    return ended;
  }

  #decode(
    payload: Uint8Array,
    { micros, rate, step, receivedAt, ended }: {
      micros: number;
      rate: number;
      step: number;
      receivedAt: number;
      ended: TimedCloud | undefined;
    },
  ): TimedCloud | undefined {
    const layout = this.#layout!;
    const { model, blockMicros, firstChannel } = layout;
    let completed = ended;
    for (let block = 0; block < model.blocks; block++) {
      const at = model.header + block * layout.blockBytes + model.blockHeader;
      const azimuth = payload[at] | payload[at + 1] << 8;
      if (azimuth >= TURN) continue;
      // A packet completes one scan at most: a turn takes hundreds of them.
      if (completed === undefined && azimuth < this.#lastAzimuth - NOISE) {
        completed = this.#take();
        this.#points.reserve(packetPoints(layout));
      }
      this.#lastAzimuth = azimuth;
      const offset = blockMicros[block] + firstChannel;
      this.#start ??= {
        ...{ micros, offset },
        captureTime: captureTimeOf((micros + offset) / 1000, receivedAt),
      };
      decodeBlock(this.#points, {
        ...{ payload, block, at: at + 2, azimuth, layout, rate, step },
        turn: this.#turn,
        micros: micros - this.#start.micros + blockMicros[block] -
          this.#start.offset,
      });
    }
    return completed;
  }

  #take(): TimedCloud | undefined {
    if (this.#start === undefined) return undefined;
    const { captureTime } = this.#start;
    this.#start = undefined;
    return { cloud: this.#points.take(), captureTime };
  }
}

function packetPoints({ model, channels }: Layout): number {
  return model.blocks * channels;
}

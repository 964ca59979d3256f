import type { TimedCloud } from "../../source.ts";
import type { PacketCounts, PacketDecoder } from "../packet_decoder.ts";
import { ScanPoints } from "../scan_points.ts";
import { timeOfHour } from "../time_of_hour.ts";
import { createTurnTables, TURN } from "../turn.ts";
import { decodeBlock } from "./block.ts";
import { createLayout, factoryOf, type Layout, whyRefused } from "./layout.ts";
import {
  BLOCK_BYTES,
  CHANNELS,
  PACKET_POINTS,
  TIME_AT,
  uint16At,
  uint32At,
} from "./packet.ts";

/**
 * Most points of a scan: an Alpha Prime that turns five times a second has
 * 890,000 with two returns.
 */
const MOST_POINTS = 1 << 20;

const HOUR_MICROS = 3_600_000_000;

/** A scan that takes longer is of a sensor that doesn't turn. */
const LONGEST_SCAN_MICROS = 1_000_000;

/** An azimuth that goes back by less is the encoder's noise. */
const NOISE = 100;

/** Fastest turn, hundredths of a degree in a microsecond: 40 a second. */
const FASTEST = 40 * TURN / 1e6;

/** Decodes the packets of one sensor, whose model and mode they say. */
export class VelodyneDecoder implements PacketDecoder {
  readonly counts: PacketCounts = { lost: 0, refused: 0 };
  reason?: string;
  readonly #turn = createTurnTables();
  readonly #points = new ScanPoints({
    half: "ring",
    bytes: ["intensity", "return_type"],
    most: MOST_POINTS,
  });
  #layout?: Layout;
  /** The scan's first packet, and what its first point is of. */
  #start?: { micros: number; offset: number; captureTime: number };
  #lastAzimuth = -1;
  /** The packet before, which tells how fast the head turns. */
  #before?: { micros: number; azimuth: number };
  #rate = 0;

  push(payload: Uint8Array, receivedAt: number): TimedCloud | undefined {
    const reason = whyRefused(payload);
    if (reason !== undefined) {
      this.counts.refused++;
      this.reason = reason;
      return undefined;
    }
    const micros = uint32At(payload, TIME_AT) % HOUR_MICROS;
    const ended = this.#endBefore(payload, micros);
    this.#measureRate(payload, micros);
    return this.#decode(payload, { micros, receivedAt, ended });
  }

  end(): TimedCloud | undefined {
    this.#before = undefined;
    this.#rate = 0;
    this.#lastAzimuth = -1;
    return this.#take();
  }

  /** Ends the scan before a packet that can't be of it. */
  #endBefore(payload: Uint8Array, micros: number): TimedCloud | undefined {
    let ended: TimedCloud | undefined;
    if (this.#layout?.factory !== factoryOf(payload)) {
      ended = this.end();
      this.#layout = createLayout(payload);
    } else if (this.#start !== undefined) {
      const age = since(this.#start.micros, micros);
      if (age > LONGEST_SCAN_MICROS || !this.#points.reserve(PACKET_POINTS)) {
        ended = this.#take();
      }
    }
    this.#points.reserve(PACKET_POINTS);
    return ended;
  }

  /** Tells how fast the head turns, from azimuths and times. */
  #measureRate(payload: Uint8Array, micros: number): void {
    const { lastBlock, span, sequence } = this.#layout!.firings;
    const azimuth = azimuthOf(payload, 0);
    const before = this.#before;
    this.#before = { micros, azimuth };
    let rate = this.#rate;
    if (span > 0) {
      rate = turned(azimuth, azimuthOf(payload, lastBlock)) / span;
    } else if (before !== undefined) {
      // An Alpha Prime's packet with two returns has one azimuth. It comes
      // after so many sequences, whose time is better known than its own.
      const sequences = Math.round(since(before.micros, micros) / sequence);
      rate = turned(before.azimuth, azimuth) / (sequences * sequence);
    }
    // It is faster where the sensor leaves a sector out: the rate is as before.
    if (rate <= FASTEST) this.#rate = rate;
  }

  #decode(
    payload: Uint8Array,
    { micros, receivedAt, ended }: {
      micros: number;
      receivedAt: number;
      ended: TimedCloud | undefined;
    },
  ): TimedCloud | undefined {
    const layout = this.#layout!;
    const { flags, micros: offsets } = layout.firings;
    let completed = ended;
    for (let block = 0; block < flags.length; block++) {
      const azimuth = azimuthOf(payload, block);
      const flag = uint16At(payload, block * BLOCK_BYTES);
      if (flag !== flags[block] || azimuth >= TURN) continue;
      // A packet completes one scan at most: a turn takes hundreds of them.
      if (completed === undefined && azimuth < this.#lastAzimuth - NOISE) {
        completed = this.#take();
        this.#points.reserve(PACKET_POINTS);
      }
      this.#lastAzimuth = azimuth;
      const offset = offsets[block * CHANNELS];
      this.#start ??= {
        micros,
        offset,
        captureTime: timeOfHour((micros + offset) / 1000, receivedAt),
      };
      decodeBlock(this.#points, {
        ...{ payload, block, azimuth, layout, turn: this.#turn },
        rate: this.#rate,
        micros: since(this.#start.micros, micros) - this.#start.offset,
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

function azimuthOf(payload: Uint8Array, block: number): number {
  return uint16At(payload, block * BLOCK_BYTES + 2);
}

/** Hundredths of a degree from one azimuth forward to another. */
function turned(from: number, to: number): number {
  return (to - from + TURN) % TURN;
}

/** Microseconds from one time past the hour to another. */
function since(from: number, to: number): number {
  return (to - from + HOUR_MICROS) % HOUR_MICROS;
}

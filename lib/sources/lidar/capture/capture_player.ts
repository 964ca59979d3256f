import { type Clock, SYSTEM_CLOCK } from "../../../clock.ts";
import type { Logger } from "../../../log.ts";
import { SourceError } from "../../errors.ts";
import type { PointSource, TimedCloud } from "../../source.ts";
import type { LidarMake, PacketDecoder } from "../packet_decoder.ts";
import { PacketReport } from "../packet_report.ts";
import { ScanQueue } from "../scan_queue.ts";
import { readCapture } from "./capture_reader.ts";
import { DatagramReader } from "./datagrams.ts";
import { keyOf } from "./find_sensors.ts";

/** One of the sensors of a capture. */
export interface PlayedSensor {
  make: LidarMake;
  /** What `keyOf` gives for its datagrams. */
  key: string;
  decoder: PacketDecoder;
}

/** Options of {@linkcode CapturePlayer}. */
export interface CapturePlayerOptions {
  path: string;
  sensors: readonly PlayedSensor[];
  /** How fast it is played. @default {1} */
  speed?: number;
  /** Seconds that are left out at the beginning. @default {0} */
  start?: number;
  /** Starts again after the end. */
  loop?: boolean;
  log: Logger;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** Scans of a sensor that wait for a slow publisher. */
const MOST_WAITING = 4;
/** Least time of a round, so that a capture of one packet can be looped. */
const LEAST_ROUND_MS = 50;

/** Plays a capture at its own times, for all of its sensors at once. */
export class CapturePlayer {
  /** A source for each sensor, in their order; dispose of all. */
  readonly sources: readonly PointSource[];
  readonly #options: CapturePlayerOptions;
  readonly #clock: Clock;
  readonly #queues: readonly ScanQueue[];
  readonly #byKey: ReadonlyMap<string, number>;
  readonly #report: PacketReport;
  readonly #stopped = new AbortController();
  #open: number;
  #playing: Promise<void> | undefined;
  /** When the first packet of a round is due, by the clock. */
  #roundAt = 0;
  /** The time of that packet in the capture, and of the newest one. */
  #firstTime = NaN;
  #newestTime = NaN;
  #scans = 0;

  constructor(options: CapturePlayerOptions) {
    const { sensors, clock = SYSTEM_CLOCK, log } = options;
    this.#options = options;
    this.#clock = clock;
    this.#queues = sensors.map(() => new ScanQueue(MOST_WAITING));
    this.#byKey = new Map(sensors.map(({ key }, i) => [key, i]));
    this.#report = new PacketReport(log);
    this.#open = sensors.length;
    this.sources = sensors.map((_, i) => this.#sourceOf(i));
  }

  #sourceOf(sensor: number): PointSource {
    let isOpen = true;
    return {
      pace: "source",
      next: () => {
        this.#playing ??= this.#play();
        return this.#queues[sensor].next();
      },
      [Symbol.asyncDispose]: async () => {
        this.#queues[sensor].end();
        if (isOpen && --this.#open === 0) this.#stopped.abort();
        isOpen = false;
        if (this.#open === 0) await this.#playing;
      },
    };
  }

  async #play(): Promise<void> {
    let failure: unknown;
    try {
      const { loop, path } = this.#options;
      do {
        await this.#playRound();
        if (this.#scans === 0 && !this.#isStopped) {
          throw new SourceError(`${path} has no scan that could be played`);
        }
      } while (loop && !this.#isStopped);
    } catch (error) {
      failure = error;
    }
    for (const queue of this.#queues) queue.end(failure);
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #playRound(): Promise<void> {
    const { path, sensors, start = 0, log } = this.#options;
    const datagrams = new DatagramReader();
    const onCutOff = (bytes: number) =>
      log.warn("capture ends in the middle of a frame", { path, bytes });
    this.#beginRound();
    let startTime: number | undefined;
    for await (const frame of readCapture(path, { onCutOff })) {
      if (this.#isStopped) return;
      startTime ??= frame.time + start * 1000;
      if (frame.time < startTime) continue;
      const datagram = datagrams.read(frame);
      const index = datagram && this.#byKey.get(keyOf(datagram));
      if (datagram === undefined || index === undefined) continue;
      const { make, decoder } = sensors[index];
      const { payload, targetPort } = datagram;
      if (!make.recognizes(payload, targetPort)) continue;
      if (Number.isNaN(this.#firstTime)) this.#firstTime = frame.time;
      this.#newestTime = frame.time;
      const scan = decoder.push(payload, frame.time);
      if (scan !== undefined) await this.#give(scan, index);
    }
    for (const [i, { decoder }] of sensors.entries()) {
      const scan = decoder.end();
      if (scan !== undefined) await this.#give(scan, i);
    }
    this.#sayCounts();
  }

  /** A round begins where the one before has ended. */
  #beginRound(): void {
    const now = this.#clock.now();
    const lasted = Number.isNaN(this.#firstTime)
      ? 0
      : Math.max(this.#dueAt - this.#roundAt, LEAST_ROUND_MS);
    this.#roundAt = Math.max(now, this.#roundAt + lasted);
    this.#firstTime = this.#newestTime = NaN;
  }

  /** When the newest packet is due. */
  get #dueAt(): number {
    const { speed = 1 } = this.#options;
    return this.#roundAt + (this.#newestTime - this.#firstTime) / speed;
  }

  /** Gives a scan when its last packet is due, as captured just before. */
  async #give(scan: TimedCloud, sensor: number): Promise<void> {
    const wait = this.#dueAt - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait, this.#stopped.signal);
    if (this.#isStopped) return;
    this.#scans++;
    const { speed = 1 } = this.#options;
    const age = Math.max(0, this.#newestTime - scan.captureTime) / speed;
    this.#queues[sensor].push({ ...scan, captureTime: Date.now() - age });
  }

  #sayCounts(): void {
    const all = this.#options.sensors.map(({ decoder }) => decoder);
    this.#report.update({
      lost: all.reduce((n, { counts }) => n + counts.lost, 0),
      refused: all.reduce((n, { counts }) => n + counts.refused, 0),
    }, { why: all.find(({ reason }) => reason !== undefined)?.reason });
  }
}

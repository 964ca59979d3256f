import type { Logger } from "../../log.ts";
import { type PointCloud, pointCloud, toFloat32 } from "../../points/cloud.ts";
import { XYZ } from "../../points/field.ts";
import {
  type CloudEncoder,
  CODEC_TRAITS,
  type EncodedCloud,
} from "../../points/codec.ts";
import { encodeRaw } from "../../points/raw/codec.ts";
import { thin } from "../../points/thin.ts";
import { UndecodedCloud } from "../../points/undecoded_cloud.ts";
import type { Adaptation } from "./adaptation.ts";
import type { AdaptationLevel } from "./levels.ts";
import { type SampledQueue, sampleOf } from "./samples.ts";

/** A cloud as it is sent: of all its points or some, at some resolution. */
export interface AdaptedCloud extends EncodedCloud {
  /** What was encoded: the points of the cloud that are sent. */
  cloud: PointCloud;
}

export interface AdaptiveEncoderOptions {
  encoder: CloudEncoder;
  /** Decides how much of each cloud is sent; none sends all of it. */
  adaptation?: Adaptation;
  /**
   * Hands on what came encoded, as it came, where all of it is sent: without
   * `encoder`. @default {false}
   */
  handsOn?: boolean;
  /**
   * Whether there is no network to adapt to: then what is slow is a machine,
   * and sending less helps nobody. @default {false}
   */
  isLocal?(): boolean;
  log: Logger;
  /**
   * The time, milliseconds of a clock that doesn't go back. @default
   * {performance.now}
   */
  now?(): number;
}

/**
 * Encodes clouds at the level that an adaptation decides on, where there is
 * one.
 */
export class AdaptiveEncoder {
  readonly #options: AdaptiveEncoderOptions;
  readonly #coarser = new Map<number, CloudEncoder>();
  #framesOffered = 0;
  /** Whether the adaptation is told of this channel; one is, of several. */
  isAdapting = true;

  constructor(options: AdaptiveEncoderOptions) {
    this.#options = options;
  }

  /** Begins with another channel. */
  restart(): void {
    this.#framesOffered = 0;
    this.#options.adaptation?.restart();
  }

  /** Encodes a cloud that is about to be sent. */
  encode(cloud: PointCloud): AdaptedCloud {
    const adaptation = this.#adaptation;
    while (true) {
      const level = adaptation?.level;
      const adapted = this.#asItCame(cloud, level) ??
        this.#encodeAt(cloud, level);
      this.#begun(adapted);
      if (adaptation?.takeRestart()) continue;
      return adapted;
    }
  }

  /** Gives the bytes that a cloud came as, where they may be sent. */
  #asItCame(
    cloud: PointCloud,
    level: AdaptationLevel | undefined,
  ): AdaptedCloud | undefined {
    const isAll = level === undefined ||
      level.pointShare === 1 && level.resolutionFactor === 1;
    if (!this.#options.handsOn || !isAll) return undefined;
    if (!(cloud instanceof UndecodedCloud)) return undefined;
    const { codec, bytes } = cloud;
    return { codec, bytes, shape: cloud, steps: {}, cloud };
  }

  #encodeAt(
    cloud: PointCloud,
    level: AdaptationLevel | undefined,
  ): AdaptedCloud {
    const thinned = thin(cloud, level?.pointShare ?? 1);
    return { ...this.#encoderFor(level).encode(thinned), cloud: thinned };
  }

  /** The same as the original has it: x, y, z alone, float32. */
  encodeOriginal(cloud: PointCloud): AdaptedCloud {
    const thinned = thin(cloud, this.#adaptation?.level.pointShare ?? 1);
    const encoded = encodeRaw(pointCloud(toFloat32(thinned, XYZ)));
    this.#begun(encoded);
    return { ...encoded, cloud: thinned };
  }

  /**
   * Tells the adaptation how the channel does, each time it was given a cloud.
   */
  offered(queue: SampledQueue): void {
    this.#framesOffered++;
    this.#adapt((adaptation, now) =>
      adaptation.update(sampleOf(queue, this.#framesOffered, now))
    );
  }

  get #adaptation(): Adaptation | undefined {
    const { adaptation, isLocal } = this.#options;
    return isLocal?.() === true ? undefined : adaptation;
  }

  #begun({ codec, bytes }: EncodedCloud): void {
    this.#adapt((adaptation, now) =>
      adaptation.begun(now, bytes.length, CODEC_TRAITS[codec].hasSteps)
    );
  }

  #adapt(tell: (adaptation: Adaptation, now: number) => void): void {
    const { log, now } = this.#options;
    const adaptation = this.#adaptation;
    if (adaptation === undefined || !this.isAdapting) return;
    const { changes } = adaptation;
    tell(adaptation, now?.() ?? performance.now());
    if (adaptation.changes === changes) return;
    log.info("adapted to the network", { ...adaptation.level });
  }

  #encoderFor(level: AdaptationLevel | undefined): CloudEncoder {
    const factor = level?.resolutionFactor ?? 1;
    const { encoder } = this.#options;
    if (factor === 1 || encoder.coarser === undefined) return encoder;
    let coarser = this.#coarser.get(factor);
    if (coarser === undefined) {
      coarser = encoder.coarser(factor);
      this.#coarser.set(factor, coarser);
    }
    return coarser;
  }
}

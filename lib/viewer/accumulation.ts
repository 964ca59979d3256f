/** Older clouds that stay drawn, each at the place that it had. */
import type { Coloring } from "./cloud_packer.ts";
import {
  DEFAULT_MOST_POINTS,
  type Keeping,
  overdueClouds,
  pointsKept,
} from "./kept_clouds.ts";
import type { StreamLayer } from "./stream_layer.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** How often clouds are had coloured as the newest, milliseconds. */
const RECOLOR_MS = 1_000;

export interface AccumulationOptions {
  /** All streams. */
  list(): readonly StreamLayer[];
  /** Has clouds of a stream packed in its colours. */
  recolor(layer: StreamLayer, clouds: DecodedCloud[]): void;
  /** Takes back a cloud that isn't drawn any more. */
  recycle(cloud: DecodedCloud): void;
  /** Called when something else is kept. */
  onChange(): void;
}

/** Keeps clouds of all streams within one bound. */
export class Accumulation {
  readonly #options: AccumulationOptions;
  #mostPoints = DEFAULT_MOST_POINTS;
  #recoloredAt = -Infinity;

  constructor(options: AccumulationOptions) {
    this.#options = options;
  }

  /** Has clouds of a stream stay drawn, or the newest alone. */
  keep(layer: StreamLayer, keeping: Keeping): void {
    layer.keeping = keeping;
    layer.view.isKeeping = keeping.kind !== "newest";
    this.trim();
    this.#options.onChange();
  }

  /** Points that are drawn at the most; the oldest clouds go first. */
  get mostPoints(): number {
    return this.#mostPoints;
  }

  set mostPoints(most: number) {
    this.#mostPoints = most;
    this.trim();
    this.#options.onChange();
  }

  /** Points that are drawn now, as they count for the bound. */
  get points(): number {
    return pointsKept(this.#options.list().flatMap(({ view }) => view.clouds));
  }

  /** Draws those no longer that aren't kept. */
  trim(): void {
    const { list, recycle } = this.#options;
    const layers = list();
    const streams = layers.map(({ keeping, view: { clouds } }) => ({
      ...{ keeping, clouds },
    }));
    for (
      const [i, gone] of overdueClouds(streams, this.#mostPoints).entries()
    ) {
      for (const serial of gone) {
        const cloud = layers[i].view.drop(serial);
        if (cloud !== undefined) recycle(cloud);
      }
    }
  }

  /**
   * Has clouds coloured as their stream's newest: one may have been on its way
   * as others were asked for.
   */
  recolor(now: number): void {
    if (now - this.#recoloredAt < RECOLOR_MS) return;
    for (const layer of this.#options.list()) {
      const { cloud: newest, clouds } = layer.view;
      if (newest === undefined) continue;
      const others = clouds.filter((cloud) => !areColoredAlike(cloud, newest));
      if (others.length === 0) continue;
      this.#recoloredAt = now;
      this.#options.recolor(layer, others);
    }
  }
}

function areColoredAlike({ coloring: a }: DecodedCloud, b: DecodedCloud) {
  const name = (coloring: Coloring) => "name" in coloring && coloring.name;
  return a.kind === b.coloring.kind && name(a) === name(b.coloring);
}

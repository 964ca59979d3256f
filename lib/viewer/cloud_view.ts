/** The clouds of one stream, as they are drawn: the newest, and kept ones. */
import { SLOTS } from "./categories.ts";
import type { Coloring } from "./cloud_packer.ts";
import { DrawnCloud } from "./drawn_cloud.ts";
import { paletteOf, streamColor } from "./palette.ts";
import type { Range } from "./ranges.ts";
import type { SharedRanges } from "./shared_ranges.ts";
import { DARK, type Oklch, type Rgb, type Theme } from "./theme.ts";
import { Group } from "./three.ts";
import { type Vector, ZERO } from "./vector.ts";
import type { DecodedCloud } from "./worker_messages.ts";

export interface CloudViewOptions {
  /** The page's number of the stream. */
  stream: number;
  /** Its place in the list of colours that tell streams apart. */
  slot: number;
  /** Ranges of colours, which it has in common with others. */
  ranges: SharedRanges;
}

/** Buffers that wait for the next clouds at the most. */
const MOST_FREE = 4;

/** Draws the clouds of a stream, one after the other or beside each other. */
export class CloudView {
  readonly stream: number;
  readonly slot: number;
  /** All that is drawn of it. */
  readonly group = new Group();
  /** Size of its points, CSS pixels; nothing for the scene's. */
  pointSize: number | undefined;
  /** Whether its coordinates aren't those of the scene. */
  isForeign = false;
  /** Whether the next cloud is drawn beside the last one, not in its place. */
  isKeeping = false;
  readonly #ranges: SharedRanges;
  readonly #uniforms = {
    rampLow: { value: [0, 0, 0] },
    rampHigh: { value: [1, 0, 0] },
    plain: { value: [1, 1, 1] as Rgb },
    own: { value: [1, 1, 1] as Rgb },
    background: { value: [0, 0, 0] as Rgb },
    palette: { value: Array<number>(SLOTS * 3).fill(1) },
    size: { value: 1 },
    focus: { value: 1 },
    faded: { value: 0 },
  };
  /** What draws the clouds that there are, the oldest first. */
  readonly #drawn: DrawnCloud[] = [];
  /** Those whose buffers the next clouds are drawn from. */
  readonly #free: DrawnCloud[] = [];
  #theme = DARK;
  #origin = ZERO;
  #palette: string | undefined;

  constructor({ stream, slot, ranges }: CloudViewOptions) {
    this.stream = stream;
    this.slot = slot;
    this.#ranges = ranges;
    this.group.matrixAutoUpdate = false;
    this.#free.push(this.#createDrawn());
  }

  /** The last cloud; nothing before the first. */
  get cloud(): DecodedCloud | undefined {
    return this.#drawn.at(-1)?.cloud;
  }

  /** All clouds that are drawn, the oldest first. */
  get clouds(): DecodedCloud[] {
    return this.#drawn.flatMap(({ cloud }) => cloud ?? []);
  }

  /** The values at the two ends of the ramp; nothing where there is none. */
  get range(): Range | undefined {
    return this.#rangeOf(this.cloud);
  }

  /** The palette of the values that have a colour each. */
  get palette(): Rgb[] | undefined {
    const coloring = this.cloud?.coloring;
    return coloring?.kind === "category"
      ? paletteOf(coloring.name, this.#theme.isDark)
      : undefined;
  }

  /** Draws a cloud. @returns those that aren't drawn any more. */
  show(cloud: DecodedCloud): DecodedCloud[] {
    const { again } = cloud;
    const drawn = again === undefined
      ? this.#next()
      : this.#drawn.find(({ cloud }) => cloud?.serial === again);
    if (drawn === undefined) return [cloud];
    const last = drawn.show(cloud);
    drawn.place(this.#origin);
    this.#pushRanges(cloud);
    this.updateColors();
    return last === undefined ? [] : [last];
  }

  /** Draws a cloud no longer. @returns it, where it was drawn. */
  drop(serial: number): DecodedCloud | undefined {
    const at = this.#drawn.findIndex(({ cloud }) => cloud?.serial === serial);
    if (at < 0) return undefined;
    const [drawn] = this.#drawn.splice(at, 1);
    const cloud = drawn.clear();
    if (this.#free.length < MOST_FREE) this.#free.push(drawn);
    else {
      this.group.remove(drawn.points);
      drawn.dispose();
    }
    return cloud;
  }

  /** Counts places from another origin of the scene. */
  set origin(origin: Vector) {
    this.#origin = origin;
    for (const drawn of this.#drawn) drawn.place(origin);
    this.updateColors();
  }

  /** How much of its colours has gone, from 0 to 1. */
  get faded(): number {
    return this.#uniforms.faded.value;
  }

  set faded(share: number) {
    this.#uniforms.faded.value = share;
  }

  /** The colour that tells it from other streams. */
  get ownColor(): Rgb {
    return this.#uniforms.own.value;
  }

  /**
   * @param size of a point at the orbit's centre, pixels of the screen.
   * @param focus distance of the orbit's centre, metres.
   */
  setScale(size: number, focus: number): void {
    this.#uniforms.size.value = size;
    this.#uniforms.focus.value = focus;
  }

  setTheme(theme: Theme): void {
    const { background, plain, ramp: [low, high] } = theme;
    this.#theme = theme;
    this.#uniforms.background.value = background;
    this.#uniforms.plain.value = plain;
    this.#uniforms.rampLow.value = toVector(low);
    this.#uniforms.rampHigh.value = toVector(high);
    this.#uniforms.own.value = streamColor(this.slot, theme.isDark);
    this.#palette = undefined;
    this.updateColors();
  }

  /** Colours by the ranges as they are now. */
  updateColors(): void {
    const { cloud } = this;
    if (cloud === undefined) return;
    for (const drawn of this.#drawn) {
      const range = this.#rangeOf(drawn.cloud);
      if (range !== undefined) drawn.setRange(range, this.#origin);
    }
    const { coloring } = cloud;
    if (coloring.kind !== "category" || coloring.name === this.#palette) return;
    this.#palette = coloring.name;
    this.#uniforms.palette.value = paletteOf(
      coloring.name,
      this.#theme.isDark,
    ).flat();
  }

  /** Gives its memory back. @returns the clouds that were drawn. */
  dispose(): DecodedCloud[] {
    const { clouds } = this;
    this.#ranges.delete(this.stream);
    for (const drawn of [...this.#drawn, ...this.#free]) drawn.dispose();
    return clouds;
  }

  /** What the next cloud is drawn by. */
  #next(): DrawnCloud {
    const last = this.#drawn.at(-1);
    if (last !== undefined && !this.isKeeping) return last;
    const next = this.#free.pop() ?? this.#createDrawn();
    this.#drawn.push(next);
    return next;
  }

  #createDrawn(): DrawnCloud {
    const drawn = new DrawnCloud(this.#uniforms);
    this.group.add(drawn.points);
    return drawn;
  }

  #rangeOf(cloud: DecodedCloud | undefined): Range | undefined {
    const name = cloud && rangeName(cloud.coloring);
    return name === undefined ? undefined : this.#ranges.range(name);
  }

  #pushRanges({ coloring, ranges }: DecodedCloud): void {
    if (ranges !== undefined) {
      this.#ranges.push("height", this.stream, ranges.height);
      this.#ranges.push("distance", this.stream, ranges.distance);
    }
    if (coloring.kind !== "scalar" || coloring.range === undefined) return;
    this.#ranges.push(rangeName(coloring)!, this.stream, coloring.range);
  }
}

/** Names the range that colours run through; nothing where there is none. */
function rangeName(coloring: Coloring): string | undefined {
  switch (coloring.kind) {
    case "height":
    case "distance":
      return coloring.kind;
    case "scalar":
      return `field:${coloring.name}`;
  }
}

function toVector({ lightness, chroma, hue }: Oklch): number[] {
  return [lightness, chroma, hue * Math.PI / 180];
}

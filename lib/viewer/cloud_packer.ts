/** Clouds as the graphics card takes them: places, and one colour of each. */
import type { PointCloud, Pose } from "../points/cloud.ts";
import type { PointField } from "../points/field.ts";
import { Categories, type Category } from "./categories.ts";
import { CloudBuffers, type CloudRoom } from "./cloud_buffers.ts";
import { chooseColor, type ColorBy, type ColorChoice } from "./coloring.ts";
import { baseNear, copyNumbers } from "./copy_numbers.ts";
import { add, type Vector, ZERO } from "./vector.ts";
import { eyeFor, originFor } from "./origin.ts";
import { colorRule, packColors } from "./pack_colors.ts";
import { packPositions } from "./pack_positions.ts";
import { packCategories } from "./pack_values.ts";
import {
  type CloudRanges,
  colorRange,
  type Range,
  RangeSampler,
} from "./ranges.ts";

/** What the colours of a packed cloud are made of. */
export type Coloring =
  | { kind: "height" | "distance" | "plain" | "stream" }
  | { kind: "rgb"; colors: Uint8Array<ArrayBuffer> }
  /** A number of each point, from low to high. */
  | {
    kind: "scalar";
    name: string;
    values: Float32Array<ArrayBuffer>;
    /** What was taken from each value, rounded where it is a large integer. */
    base: number;
    /** Of the values as they were; nothing where none is finite. */
    range: Range | undefined;
  }
  /** A place in the palette of each point. */
  | {
    kind: "category";
    name: string;
    values: Float32Array<ArrayBuffer>;
    categories: readonly Category[];
  };

/** A cloud to be drawn. All of its arrays are of one buffer. */
export interface PackedCloud {
  points: number;
  /** Metres from the origin, shape (points, 3), C order, and room to spare. */
  positions: Float32Array<ArrayBuffer>;
  /** Where positions are counted from, in the cloud's coordinates; metres. */
  origin: Vector;
  /** From where distances are taken, metres from the origin. */
  eye: Vector;
  /** Where its coordinates stand; nothing for where they are. */
  pose: Pose | undefined;
  coloring: Coloring;
  /** Nothing for a cloud without a finite point. */
  ranges: CloudRanges | undefined;
}

/** Packs the clouds of one stream after the other. */
export class CloudPacker {
  /** What the user wants to see; nothing where it is all the same. */
  choice: ColorChoice | undefined;
  readonly #buffers = new CloudBuffers();
  readonly #sampler = new RangeSampler();
  #origin = ZERO;
  #categories: Categories | undefined;

  /** Begins another stream: its first cloud says where the origin is. */
  reset(): void {
    this.#origin = ZERO;
    this.#categories = undefined;
  }

  /**
   * Copies a cloud into a buffer that is the caller's until it is recycled.
   *
   * @param pose where its coordinates stand. @default {where they are}
   */
  pack(cloud: PointCloud, pose?: Pose): PackedCloud {
    const middle = this.#sampler.look(cloud);
    if (middle !== undefined) this.#origin = originFor(middle, this.#origin);
    const origin = this.#origin;
    const eye = eyeFor(cloud.viewpoint?.translation, origin);
    const ranges = middle &&
      this.#sampler.measure(add(origin, eye), pose);
    const room = this.#buffers.take(cloud.points);
    const { coloring, pack } = this.#color(cloud, room);
    const { positions } = room;
    // Each part is read again while it is still in the processor's cache.
    for (const [part, start] of partsOf(cloud)) {
      packPositions(part, origin, positions.subarray(start * 3));
      pack?.(part, start);
    }
    const { points } = cloud;
    return { points, positions, origin, eye, pose, coloring, ranges };
  }

  /** Takes the buffer of a packed cloud back. */
  recycle(buffer: ArrayBuffer): void {
    this.#buffers.recycle(buffer);
  }

  #color(cloud: PointCloud, room: CloudRoom): ColoringRule {
    const by: ColorBy = chooseColor(cloud, this.choice);
    switch (by.kind) {
      case "field":
        return this.#colorByField(cloud, by.field, room);
      case "rgb": {
        const { colors } = room;
        const { buffer, byteOffset, length } = colors;
        const pixels = new Uint32Array(buffer, byteOffset, length / 4);
        const rule = colorRule(cloud, by.color);
        return {
          coloring: { kind: "rgb", colors },
          pack: (part, start) => packColors(part, rule, pixels.subarray(start)),
        };
      }
      default:
        return { coloring: { kind: by.kind } };
    }
  }

  #colorByField(
    cloud: PointCloud,
    field: PointField,
    { values }: CloudRoom,
  ): ColoringRule {
    const { name, type } = field;
    const sorted = this.#sampler.values(cloud, field);
    const categories = this.#categoriesOf(cloud, field);
    if (categories.add(sorted)) {
      const { list } = categories;
      return {
        coloring: { kind: "category", name, values, categories: list },
        pack: (part, start) =>
          packCategories(part, categories, values.subarray(start)),
      };
    }
    const base = baseNear(sorted[sorted.length >> 1], type);
    const range = sorted.length > 0 ? colorRange(sorted) : undefined;
    return {
      coloring: { kind: "scalar", name, values, base: Number(base), range },
      pack: (part, start) =>
        copyNumbers(part, field, { target: values, start, step: 1, base }),
    };
  }

  #categoriesOf(cloud: PointCloud, field: PointField): Categories {
    const known = this.#categories;
    if (known?.field.name === field.name && known.field.type === field.type) {
      known.field = field;
      return known;
    }
    return this.#categories = new Categories(field, cloud.fields);
  }
}

/** What a cloud's colours are, and what writes them for a part of it. */
interface ColoringRule {
  coloring: Coloring;
  /** @param start index of the part's first point. */
  pack?: (part: PointCloud, start: number) => void;
}

/** Points of a part: with 26 bytes of each it fits into 128 KiB. */
const PART_POINTS = 4096;

function* partsOf(cloud: PointCloud): Generator<[PointCloud, number]> {
  const { data, stride, points } = cloud;
  for (let start = 0; start < points; start += PART_POINTS) {
    const end = Math.min(points, start + PART_POINTS);
    const part = data.subarray(start * stride, end * stride);
    yield [{ ...cloud, data: part, points: end - start }, start];
  }
}

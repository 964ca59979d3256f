/** The cloud as it is drawn: one draw call, one buffer for all clouds. */
import { SLOTS } from "./categories.ts";
import type { Coloring } from "./cloud_packer.ts";
import { paletteOf } from "./palette.ts";
import { type Range, SmoothRange } from "./ranges.ts";
import { COLOR_BY, POINT_FRAGMENT, POINT_VERTEX } from "./shaders.ts";
import { DARK, type Oklch, type Rgb, type Theme } from "./theme.ts";
import {
  BufferAttribute,
  BufferGeometry,
  DynamicDrawUsage,
  GLSL3,
  Points,
  RawShaderMaterial,
} from "./three.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** The attribute that colours are made of, by what they are. */
const ATTRIBUTES: Partial<Record<Coloring["kind"], "scalar" | "tint">> = {
  scalar: "scalar",
  category: "scalar",
  rgb: "tint",
};

/** Draws clouds that come one after the other. */
export class CloudView {
  readonly points: Points<BufferGeometry, RawShaderMaterial>;
  readonly #uniforms = {
    colorBy: { value: COLOR_BY.height as number },
    range: { value: [0, 1] },
    rampLow: { value: [0, 0, 0] },
    rampHigh: { value: [1, 0, 0] },
    plain: { value: [1, 1, 1] as Rgb },
    background: { value: [0, 0, 0] as Rgb },
    eye: { value: [0, 0, 0] as readonly number[] },
    palette: { value: Array<number>(SLOTS * 3).fill(1) },
    size: { value: 1 },
    focus: { value: 1 },
  };
  readonly #ranges = {
    height: new SmoothRange(),
    scalar: new SmoothRange(),
    distance: new SmoothRange(),
  };
  #theme = DARK;
  #cloud: DecodedCloud | undefined;
  #isCleared = true;
  /** The attribute that the buffers have for colours, if they have one. */
  #attribute: "scalar" | "tint" | undefined;
  /** Name of the field that the scalars are of. */
  #scalar: string | undefined;
  #palette: string | undefined;

  constructor() {
    const material = new RawShaderMaterial({
      uniforms: this.#uniforms,
      vertexShader: POINT_VERTEX,
      fragmentShader: POINT_FRAGMENT,
      glslVersion: GLSL3,
    });
    this.points = new Points(new BufferGeometry(), material);
    this.points.frustumCulled = false;
    this.points.visible = false;
  }

  /** The last cloud, whether it is visible or not. */
  get cloud(): DecodedCloud | undefined {
    return this.#cloud;
  }

  /** The cloud that is visible, with points or without. */
  get shown(): DecodedCloud | undefined {
    return this.#isCleared ? undefined : this.#cloud;
  }

  /** The values at the two ends of the ramp; nothing where there is none. */
  get range(): Range | undefined {
    switch (this.shown?.coloring.kind) {
      case "height":
        return this.#ranges.height.range;
      case "distance":
        return this.#ranges.distance.range;
      case "scalar":
        return this.#ranges.scalar.range;
      default:
        return undefined;
    }
  }

  /** The palette of the values that have a colour each. */
  get palette(): Rgb[] | undefined {
    const coloring = this.shown?.coloring;
    return coloring?.kind === "category"
      ? paletteOf(coloring.name, this.#theme.isDark)
      : undefined;
  }

  /** Puts a cloud in place of the last one, which is given back. */
  show(cloud: DecodedCloud): DecodedCloud | undefined {
    const last = this.#cloud;
    this.#cloud = cloud;
    this.#isCleared = false;
    this.#upload(cloud);
    this.points.geometry.setDrawRange(0, cloud.points);
    this.points.visible = cloud.points > 0;
    this.#pushRanges(cloud);
    this.#color();
    return last;
  }

  /** Begins another stream: its first cloud is the next that shows. */
  reset(): void {
    this.points.visible = false;
    this.#isCleared = true;
    for (const range of Object.values(this.#ranges)) range.reset();
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
    this.#palette = undefined;
    this.#color();
  }

  #upload({ positions, coloring, points }: DecodedCloud): void {
    const name = ATTRIBUTES[coloring.kind];
    let { geometry } = this.points;
    const { position } = geometry.attributes;
    // An attribute that no cloud fills any more would still be uploaded, from
    // memory that the worker has back.
    const fits = position?.array.length === positions.length &&
      name === this.#attribute;
    if (!fits) geometry = this.#allocate(positions, name);
    update(geometry, "position", { array: positions, values: points * 3 });
    if (coloring.kind === "rgb") {
      const { colors } = coloring;
      update(geometry, "tint", { array: colors, values: points * 4 });
    } else if (coloring.kind === "scalar" || coloring.kind === "category") {
      const { values } = coloring;
      update(geometry, "scalar", { array: values, values: points });
    }
  }

  /** Makes buffers of another size, here and on the graphics card. */
  #allocate(
    positions: Float32Array,
    name: "scalar" | "tint" | undefined,
  ): BufferGeometry {
    this.points.geometry.dispose();
    this.#attribute = name;
    const geometry = new BufferGeometry();
    const room = positions.length / 3;
    geometry.setAttribute("position", dynamic(positions, 3));
    if (name === "scalar") {
      geometry.setAttribute(name, dynamic(new Float32Array(room), 1));
    } else if (name === "tint") {
      geometry.setAttribute(name, dynamic(new Uint8Array(room * 4), 4, true));
    }
    return this.points.geometry = geometry;
  }

  #pushRanges({ coloring, ranges }: DecodedCloud): void {
    if (ranges !== undefined) {
      this.#ranges.height.push(ranges.height);
      this.#ranges.distance.push(ranges.distance);
    }
    if (coloring.kind !== "scalar") return;
    if (coloring.name !== this.#scalar) this.#ranges.scalar.reset();
    this.#scalar = coloring.name;
    if (coloring.range !== undefined) this.#ranges.scalar.push(coloring.range);
  }

  #color(): void {
    const cloud = this.shown;
    if (cloud === undefined) return;
    const { coloring, eye, origin } = cloud;
    this.#uniforms.colorBy.value = COLOR_BY[coloring.kind];
    this.#uniforms.eye.value = eye;
    const { range } = this;
    if (range !== undefined) {
      const base = coloring.kind === "scalar"
        ? coloring.base
        : coloring.kind === "height"
        ? origin[2]
        : 0;
      this.#uniforms.range.value = [range.low - base, range.high - base];
    }
    if (coloring.kind !== "category" || coloring.name === this.#palette) return;
    this.#palette = coloring.name;
    this.#uniforms.palette.value = paletteOf(
      coloring.name,
      this.#theme.isDark,
    ).flat();
  }
}

function dynamic(
  array: Float32Array | Uint8Array,
  size: number,
  isNormalized = false,
): BufferAttribute {
  return new BufferAttribute(array, size, isNormalized)
    .setUsage(DynamicDrawUsage);
}

/** Has the first values of an attribute uploaded. */
function update(
  geometry: BufferGeometry,
  name: string,
  { array, values }: { array: Float32Array | Uint8Array; values: number },
): void {
  const attribute = geometry.getAttribute(name) as BufferAttribute;
  attribute.array = array;
  attribute.clearUpdateRanges();
  attribute.addUpdateRange(0, values);
  attribute.needsUpdate = true;
}

function toVector({ lightness, chroma, hue }: Oklch): number[] {
  return [lightness, chroma, hue * Math.PI / 180];
}

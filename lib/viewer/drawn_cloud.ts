/** One cloud on the graphics card: one draw call. */
import type { Coloring } from "./cloud_packer.ts";
import { matrixFrom } from "./placement.ts";
import type { Range } from "./ranges.ts";
import { COLOR_BY, POINT_FRAGMENT, POINT_VERTEX } from "./shaders.ts";
import {
  BufferAttribute,
  BufferGeometry,
  DynamicDrawUsage,
  GLSL3,
  type IUniform,
  Points,
  RawShaderMaterial,
} from "./three.ts";
import type { Vector } from "./vector.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** The attribute that colours are made of, by what they are. */
const ATTRIBUTES: Partial<Record<Coloring["kind"], "scalar" | "tint">> = {
  scalar: "scalar",
  category: "scalar",
  rgb: "tint",
};

/** Draws a cloud, and another one in its place. */
export class DrawnCloud {
  readonly points: Points<BufferGeometry, RawShaderMaterial>;
  readonly #uniforms = {
    colorBy: { value: COLOR_BY.height as number },
    range: { value: [0, 1] },
    eye: { value: [0, 0, 0] as readonly number[] },
  };
  #cloud: DecodedCloud | undefined;
  /** The attribute that the buffers have for colours, if they have one. */
  #attribute: "scalar" | "tint" | undefined;
  /** Values of a place that the buffers have room for. */
  #room = 0;

  /** @param shared uniforms of all clouds that are drawn alike. */
  constructor(shared: Record<string, IUniform>) {
    const material = new RawShaderMaterial({
      vertexShader: POINT_VERTEX,
      fragmentShader: POINT_FRAGMENT,
      glslVersion: GLSL3,
    });
    // Handed over afterwards, they stay the same objects.
    material.uniforms = { ...shared, ...this.#uniforms };
    this.points = new Points(new BufferGeometry(), material);
    this.points.frustumCulled = false;
    this.points.matrixAutoUpdate = false;
    this.points.visible = false;
  }

  /** The cloud that is drawn, with points or without. */
  get cloud(): DecodedCloud | undefined {
    return this.#cloud;
  }

  /** Puts a cloud in place of the last one, which is given back. */
  show(cloud: DecodedCloud): DecodedCloud | undefined {
    const last = this.#cloud;
    this.#cloud = cloud;
    this.#upload(cloud);
    this.points.geometry.setDrawRange(0, cloud.points);
    this.points.visible = cloud.points > 0;
    this.#uniforms.colorBy.value = COLOR_BY[cloud.coloring.kind];
    this.#uniforms.eye.value = cloud.eye;
    return last;
  }

  /** Draws nothing until the next cloud. @returns the one that was drawn. */
  clear(): DecodedCloud | undefined {
    const last = this.#cloud;
    this.#cloud = undefined;
    this.points.visible = false;
    return last;
  }

  /** Puts the cloud where it stands, in a scene that counts from `origin`. */
  place(origin: Vector): void {
    if (this.#cloud === undefined) return;
    const { pose, origin: from } = this.#cloud;
    this.points.matrix.fromArray(matrixFrom(pose, from, origin));
    this.points.matrixWorldNeedsUpdate = true;
  }

  /** Has colours run from the low to the high end of a range. */
  setRange({ low, high }: Range, origin: Vector): void {
    const coloring = this.#cloud?.coloring;
    const base = coloring?.kind === "scalar"
      ? coloring.base
      : coloring?.kind === "height"
      ? origin[2]
      : 0;
    this.#uniforms.range.value = [low - base, high - base];
  }

  /** Gives its memory on the graphics card back. */
  dispose(): void {
    this.points.geometry.dispose();
    this.points.material.dispose();
  }

  #upload({ positions, coloring, points }: DecodedCloud): void {
    const name = ATTRIBUTES[coloring.kind];
    let { geometry } = this.points;
    // An attribute that no cloud fills any more would still be uploaded, from
    // memory that the worker has back.
    const fits = this.#room === positions.length && name === this.#attribute;
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
    this.#room = positions.length;
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

/** The cloud as it is drawn: one draw call, one buffer for all clouds. */
import { SmoothRange } from "./ranges.ts";
import {
  COLOR_BY,
  type ColorBy,
  POINT_FRAGMENT,
  POINT_VERTEX,
} from "./shaders.ts";
import type { RampEnd, Theme } from "./theme.ts";
import {
  BufferGeometry,
  DynamicDrawUsage,
  GLSL3,
  InterleavedBuffer,
  InterleavedBufferAttribute,
  Points,
  RawShaderMaterial,
} from "./three.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** Draws clouds that come one after the other. */
export class CloudView {
  readonly points: Points<BufferGeometry, RawShaderMaterial>;
  readonly #uniforms = {
    colorBy: { value: COLOR_BY.height as number },
    range: { value: [0, 1] },
    rampLow: { value: [0, 0, 0] },
    rampHigh: { value: [1, 0, 0] },
    plain: { value: [1, 1, 1] as readonly number[] },
    background: { value: [0, 0, 0] as readonly number[] },
    size: { value: 1 },
    focus: { value: 1 },
  };
  readonly #ranges = {
    height: new SmoothRange(),
    intensity: new SmoothRange(),
    distance: new SmoothRange(),
  };
  #buffer: InterleavedBuffer | undefined;
  #cloud: DecodedCloud | undefined;
  #colorBy: ColorBy = "height";

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

  /** The cloud that is shown. */
  get cloud(): DecodedCloud | undefined {
    return this.#cloud;
  }

  /** What points are coloured by; plain where the cloud has no intensity. */
  get colorBy(): ColorBy {
    const lacks = this.#colorBy === "intensity" && this.#cloud?.stride === 3;
    return lacks ? "plain" : this.#colorBy;
  }

  set colorBy(value: ColorBy) {
    this.#colorBy = value;
    this.#color();
  }

  /** The values at the two ends of the ramp; nothing for a plain colour. */
  get range(): { low: number; high: number } | undefined {
    return this.colorBy === "plain"
      ? undefined
      : this.#ranges[this.colorBy].range;
  }

  /** Puts a cloud in place of the last one, which is given back. */
  show(cloud: DecodedCloud): DecodedCloud | undefined {
    const last = this.#cloud;
    this.#cloud = cloud;
    const { values, points, stride } = cloud;
    let buffer = this.#buffer;
    if (
      buffer === undefined || buffer.stride !== stride ||
      buffer.array.length !== values.length
    ) {
      buffer = this.#allocate(cloud);
    }
    buffer.array = values;
    buffer.clearUpdateRanges();
    buffer.addUpdateRange(0, points * stride);
    buffer.needsUpdate = true;
    this.points.geometry.setDrawRange(0, points);
    this.points.visible = points > 0;
    const { ranges } = cloud;
    if (ranges !== undefined) {
      this.#ranges.height.push(ranges.height);
      this.#ranges.distance.push(ranges.distance);
      if (ranges.intensity !== undefined) {
        this.#ranges.intensity.push(ranges.intensity);
      }
    }
    this.#color();
    return last;
  }

  /** Begins another stream: its first cloud is the next that shows. */
  reset(): void {
    this.points.visible = false;
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

  setTheme({ background, plain, ramp: [low, high] }: Theme): void {
    this.#uniforms.background.value = background;
    this.#uniforms.plain.value = plain;
    this.#uniforms.rampLow.value = toVector(low);
    this.#uniforms.rampHigh.value = toVector(high);
  }

  /** Makes buffers of another size, here and on the graphics card. */
  #allocate({ values, stride }: DecodedCloud): InterleavedBuffer {
    this.points.geometry.dispose();
    const buffer = new InterleavedBuffer(values, stride);
    buffer.setUsage(DynamicDrawUsage);
    const geometry = new BufferGeometry();
    geometry.setAttribute(
      "position",
      new InterleavedBufferAttribute(buffer, 3, 0),
    );
    geometry.setAttribute(
      "intensity",
      new InterleavedBufferAttribute(buffer, 1, stride === 4 ? 3 : 2),
    );
    this.points.geometry = geometry;
    this.#buffer = buffer;
    return buffer;
  }

  #color(): void {
    this.#uniforms.colorBy.value = COLOR_BY[this.colorBy];
    const range = this.range;
    if (range !== undefined) {
      this.#uniforms.range.value = [range.low, range.high];
    }
  }
}

function toVector({ lightness, chroma, hue }: RampEnd): number[] {
  return [lightness, chroma, hue * Math.PI / 180];
}

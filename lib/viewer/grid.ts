/** The grid under the cloud and the axes at the origin. */
import { type Vector, ZERO } from "./vector.ts";
import { LINE_FRAGMENT, LINE_VERTEX } from "./shaders.ts";
import type { Rgb, Theme } from "./theme.ts";
import {
  BufferGeometry,
  Float32BufferAttribute,
  GLSL3,
  LineSegments,
  RawShaderMaterial,
} from "./three.ts";

/** Cells from one heavier line to the next. */
const MAJOR = 5;
const MINOR_ALPHA = 0.16;
const MAJOR_ALPHA = 0.42;

/** Where the grid lies, and how large all is; metres. */
export interface GridPlace {
  /** Side of a cell. */
  step: number;
  /** Length of each axis. */
  axis: number;
  /** Lines are drawn to this distance from the middle. */
  reach: number;
  x: number;
  y: number;
  z: number;
  /** Where x, y and z are counted from: the axes meet there. */
  origin: Vector;
}

/** Draws a grid of squares that fades out, and the axes x, y and z. */
export class Grid {
  readonly lines: LineSegments<BufferGeometry, RawShaderMaterial>;
  readonly axes: LineSegments<BufferGeometry, RawShaderMaterial>;
  #place: GridPlace = {
    step: 1,
    axis: 2,
    reach: 20,
    x: 0,
    y: 0,
    z: 0,
    origin: ZERO,
  };
  #theme: Theme;

  constructor(theme: Theme) {
    this.#theme = theme;
    this.lines = createLines();
    this.axes = createLines();
    this.#build();
  }

  get place(): GridPlace {
    return this.#place;
  }

  set place(place: GridPlace) {
    this.#place = place;
    this.#build();
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#build();
  }

  /** Has the grid, not the axes, go along with what is looked at. */
  carry([x, y]: Vector): void {
    const place = this.#place;
    this.#place = { ...place, x: place.x + x, y: place.y + y };
    this.#put();
  }

  #put(): void {
    const { step, origin, z } = this.#place;
    // The grid's lines go through whole multiples of its step.
    const [x, y] = [this.#place.x, this.#place.y].map((value, i) =>
      roundTo(value + origin[i], step * MAJOR) - origin[i]
    );
    this.lines.position.set(x, y, z);
  }

  #build(): void {
    const { step, reach } = this.#place;
    const { grid, axes } = this.#theme;
    const lines = new LineBuilder();
    const cells = Math.ceil(reach / step);
    for (let i = -cells; i <= cells; i++) {
      const at = i * step;
      const alpha = i % MAJOR === 0 ? MAJOR_ALPHA : MINOR_ALPHA;
      const half = Math.sqrt(Math.max(0, reach * reach - at * at));
      lines.add([[at, -half, 0], [at, half, 0]], grid, alpha);
      lines.add([[-half, at, 0], [half, at, 0]], grid, alpha);
    }
    lines.build(this.lines, reach);
    this.#put();

    const triad = new LineBuilder();
    const length = this.#place.axis;
    triad.add([[0, 0, 0], [length, 0, 0]], axes[0], 1);
    triad.add([[0, 0, 0], [0, length, 0]], axes[1], 1);
    triad.add([[0, 0, 0], [0, 0, length]], axes[2], 1);
    triad.build(this.axes, 1e6 * length);
  }
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

function createLines() {
  const material = new RawShaderMaterial({
    uniforms: { reach: { value: 1 } },
    vertexShader: LINE_VERTEX,
    fragmentShader: LINE_FRAGMENT,
    glslVersion: GLSL3,
    transparent: true,
    depthWrite: false,
  });
  const lines = new LineSegments(new BufferGeometry(), material);
  lines.frustumCulled = false;
  return lines;
}

/** Collects lines of one colour each. */
class LineBuilder {
  readonly #positions: number[] = [];
  readonly #colors: number[] = [];

  add([from, to]: [number[], number[]], color: Rgb, alpha: number): void {
    this.#positions.push(...from, ...to);
    this.#colors.push(...color, alpha, ...color, alpha);
  }

  build(
    lines: LineSegments<BufferGeometry, RawShaderMaterial>,
    reach: number,
  ): void {
    const geometry = new BufferGeometry();
    geometry.setAttribute(
      "position",
      new Float32BufferAttribute(this.#positions, 3),
    );
    geometry.setAttribute("color", new Float32BufferAttribute(this.#colors, 4));
    lines.geometry.dispose();
    lines.geometry = geometry;
    lines.material.uniforms.reach.value = reach;
  }
}

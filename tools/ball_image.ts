/** Draws the ball of the test video, and encodes it as a PNG file. */

import { crc32, deflateSync } from "node:zlib";

/** 8-bit red, green, blue and straight alpha, row by row from the top. */
export interface RgbaImage {
  width: number;
  height: number;
  /** `width * height * 4` bytes. */
  data: Uint8Array;
}

type Vector = readonly [x: number, y: number, z: number];

const COLOR: Vector = [255, 112, 32];
/** From the ball to the light: up, to the left, towards the viewer. */
const LIGHT = unit([-0.5, -0.6, 0.8]);
/** Halfway between the light and the viewer, where the highlight is. */
const HALFWAY = unit([LIGHT[0], LIGHT[1], LIGHT[2] + 1]);

/**
 * Draws a shaded orange ball that touches all four edges of a transparent
 * image.
 *
 * @param diameter in pixels; default 48
 *
 * @example
 * ```ts
 * import { drawBall, encodePng } from "./tools/ball_image.ts";
 *
 * await Deno.writeFile("ball.png", encodePng(drawBall()));
 * ```
 */
export function drawBall(diameter = 48): RgbaImage {
  const data = new Uint8Array(diameter * diameter * 4);
  const radius = diameter / 2;
  for (let row = 0, offset = 0; row < diameter; row++) {
    for (let column = 0; column < diameter; column++, offset += 4) {
      const x = (column + 0.5 - radius) / radius;
      const y = (row + 0.5 - radius) / radius;
      const distance = Math.hypot(x, y);
      // The edge fades over one pixel.
      const coverage = clamp((1 - distance) * radius + 0.5);
      if (coverage === 0) continue;
      data.set(shade(x, y), offset);
      data[offset + 3] = Math.round(255 * coverage);
    }
  }
  return { width: diameter, height: diameter, data };
}

/** The color (Blinn-Phong) of a point of the unit ball, as 8-bit RGB. */
function shade(x: number, y: number): number[] {
  const normal = unit([x, y, Math.sqrt(Math.max(0, 1 - x * x - y * y))]);
  const diffuse = 0.4 + 0.6 * Math.max(0, dot(normal, LIGHT));
  const highlight = 0.8 * Math.max(0, dot(normal, HALFWAY)) ** 40;
  return COLOR.map((c) =>
    Math.round(255 * clamp(c / 255 * diffuse + highlight))
  );
}

/**
 * Encodes an image as a PNG file (ISO/IEC 15948): color type 6, not interlaced.
 *
 * @example
 * ```ts
 * import { encodePng } from "./tools/ball_image.ts";
 *
 * const data = Uint8Array.of(255, 0, 0, 255);
 * const redDot = encodePng({ width: 1, height: 1, data });
 * ```
 */
export function encodePng(
  { width, height, data }: RgbaImage,
): Uint8Array<ArrayBuffer> {
  if (data.length !== width * height * 4) {
    throw new RangeError(
      `Cannot encode a ${width}x${height} image: expected ${
        width * height * 4
      } bytes, got ${data.length}`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8); // bits per sample, RGBA; the rest are zeros
  return concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(filterUp(data, width * 4), { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** Filters with PNG's type 2, the difference to the row above. */
function filterUp(data: Uint8Array, stride: number): Uint8Array {
  const rows = data.length / stride;
  const filtered = new Uint8Array(rows * (stride + 1));
  for (let row = 0, from = 0, to = 0; row < rows; row++) {
    filtered[to++] = 2;
    for (let i = 0; i < stride; i++, from++) {
      filtered[to++] = data[from] - (row > 0 ? data[from - stride] : 0);
    }
  }
  return filtered;
}

/** Frames a chunk: length, type, data, and the CRC of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function unit(v: Vector): Vector {
  const length = Math.sqrt(dot(v, v));
  return [v[0] / length, v[1] / length, v[2] / length];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

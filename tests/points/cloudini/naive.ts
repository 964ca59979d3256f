/**
 * Cloudini's lossy encoding again, written as plainly as its description, to
 * test the fast one against: each step on its own, numbers as BigInt.
 *
 * Run with `--allow-write=tests/data/cloudini`, this file writes the vectors
 * there.
 */

const CHUNK_POINTS = 32_768;

export interface NaiveCloud {
  names: string[];
  /** Of each field, as in the header. */
  resolutions: string[];
  /** Interleaved. */
  values: number[];
}

/** Steps of a value; `undefined` for NaN. Half goes to even. */
function quantize(value: number, resolution: number): bigint | undefined {
  const multiplier = Math.fround(1 / Math.fround(resolution));
  const product = Math.fround(Math.fround(value) * multiplier);
  if (Number.isNaN(product)) return undefined;
  const below = Math.floor(product);
  const rest = product - below;
  const isUp = rest > 0.5 || rest === 0.5 && below % 2 !== 0;
  return BigInt(isUp ? below + 1 : below);
}

function encodeVarint(u: bigint): number[] {
  if (u < 128n) return [Number(u)];
  return [Number(u % 128n) + 128, ...encodeVarint(u / 128n)];
}

/** The first stage of one chunk. */
export function encodeStageNaively(cloud: NaiveCloud): number[] {
  const resolutions = cloud.resolutions.map(Number);
  const previous = resolutions.map(() => 0n);
  return cloud.values.flatMap((value, i) => {
    const field = i % resolutions.length;
    const steps = quantize(value, resolutions[field]);
    if (steps === undefined) {
      previous[field] = 0n;
      return [0];
    }
    // The reference subtracts and adds in int32, which wraps.
    const delta = BigInt.asIntN(32, steps - previous[field]);
    previous[field] = steps;
    return encodeVarint((delta < 0n ? -2n * delta - 1n : 2n * delta) + 1n);
  });
}

/** A whole buffer of uncompressed chunks. */
export function encodeNaively(cloud: NaiveCloud): Uint8Array<ArrayBuffer> {
  const { names, resolutions, values } = cloud;
  const fields = names.length;
  let header = `CLOUDINI_V05
version: 5
width: ${values.length / fields}
height: 1
point_step: ${4 * fields}
encoding_opt: LOSSY
compression_opt: NONE
fields:
`;
  names.forEach((name, i) => {
    header += `  - name: ${name}
    offset: ${4 * i}
    type: FLOAT32
    resolution: ${resolutions[i]}
`;
  });
  const bytes = [...new TextEncoder().encode(header), 0];
  for (let i = 0; i < values.length; i += CHUNK_POINTS * fields) {
    const chunk = values.slice(i, i + CHUNK_POINTS * fields);
    const stage = encodeStageNaively({ ...cloud, values: chunk });
    const count = new Uint8Array(Uint32Array.of(stage.length).buffer);
    for (const byte of [...count, ...stage]) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Decodes by the same plain means. */
export function decodedNaively(cloud: NaiveCloud): Float32Array<ArrayBuffer> {
  const resolutions = cloud.resolutions.map(Number);
  return Float32Array.from(cloud.values, (value, i) => {
    const resolution = resolutions[i % resolutions.length];
    const steps = quantize(value, resolution);
    if (steps === undefined) return NaN;
    return Math.fround(Number(steps) * Math.fround(resolution));
  });
}

/** Ties, every length of a varint, NaN, and the ends of int32. */
export const EDGES: NaiveCloud = {
  names: ["x", "y", "z"],
  resolutions: ["0.5", "0.5", "0.5"],
  values: [
    [0, 0, 0],
    [0.25, 0.75, 1.25],
    [-0.25, -0.75, -1.25],
    [0.2499, 0.2501, -0.2501],
    [31.5, -31.5, 32],
    [-32, 32, -32.5],
    [31, 31.5, -31.5],
    [NaN, 1, 2],
    [1, NaN, 2],
    [1, 2, NaN],
    [NaN, NaN, NaN],
    [NaN, NaN, NaN],
    [4095, -4095, 4096],
    [-4096, 4096, -4096.5],
    [0, 0, 0],
    [4095.5, -4095.5, 4095.5],
    [0, 0.5, 0],
    [524287, -524287, 524288],
    [-524288, 524288, -524288.5],
    [6.7e7, -6.7e7, 6.8e7],
    [-6.7e7, 6.8e7, -6.8e7],
    [536870912, -536870912, 536870944],
    [1073741760, -1073741824, 1073741696],
    [-1073741824, 1073741760, -1073741696],
    [1073741760, -1073741824, 0],
    [1073741760, -1073741824, 0],
    [0.5, 1, 1.5],
    [-0, 1e-40, -1e-40],
  ].flat(),
};

/** Values like a scan's: slow changes, jumps, points without an echo. */
export const WALK: NaiveCloud = {
  names: ["x", "y", "z", "intensity"],
  resolutions: ["0.001", "0.001", "0.002", "0.1"],
  values: Array.from({ length: 100 }, (_, i) => {
    if (i % 17 === 5) return [NaN, NaN, NaN, 0];
    const range = 5 + (i % 30 === 29 ? 40 : 0) + 0.013 * (i * i % 7);
    const angle = i * 0.0035;
    return [
      range * Math.cos(angle),
      range * Math.sin(angle),
      -1.73 + 0.0007 * (i % 11),
      (i * 37) % 256,
    ].map(Math.fround);
  }).flat(),
};

/** The vectors by name. */
export const VECTORS: Record<string, NaiveCloud> = { edges: EDGES, walk: WALK };

if (import.meta.main) {
  const folder = new URL("../../data/cloudini/", import.meta.url);
  for (const [name, cloud] of Object.entries(VECTORS)) {
    const files = {
      f32: Float32Array.from(cloud.values),
      cloudini: encodeNaively(cloud),
      "decoded.f32": decodedNaively(cloud),
    };
    for (const [extension, { buffer }] of Object.entries(files)) {
      const path = new URL(`${name}.${extension}`, folder);
      Deno.writeFileSync(path, new Uint8Array(buffer));
    }
  }
}

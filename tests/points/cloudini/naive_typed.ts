/**
 * Cloudini's first stage for every type of field, written as plainly as its
 * description, to test the fast one against: values are their bits, as BigInt.
 */
import {
  type FieldType,
  type PointField,
  typeBytes,
} from "../../../lib/points/field.ts";

const CHUNK_POINTS = 32_768;
const PROBE_POINTS = 4096;

export interface NaiveField extends PointField {
  resolution?: number;
}

export interface NaiveTypedCloud {
  version: number;
  encoding: "none" | "lossy" | "lossless";
  /** In the header's order. */
  fields: NaiveField[];
  stride: number;
  /** By point, then by field: the bits. */
  bits: bigint[][];
  /** The mode of sections; where there is none, the smallest. */
  mode?: number;
}

/** Writes numbers little-endian. */
function toBytes(value: bigint, bytes: number): number[] {
  return Array.from(
    { length: bytes },
    (_, i) => Number(BigInt.asUintN(64, value) >> BigInt(8 * i) & 0xffn),
  );
}

function plainVarint(u: bigint): number[] {
  return u < 128n
    ? [Number(u)]
    : [Number(u % 128n) + 128, ...plainVarint(u / 128n)];
}

function deltaVarint(delta: bigint): number[] {
  const wrapped = BigInt.asIntN(64, delta);
  const zigzag = wrapped < 0n ? -2n * wrapped - 1n : 2n * wrapped;
  return plainVarint(BigInt.asUintN(64, zigzag + 1n));
}

const view = new DataView(new ArrayBuffer(8));

export function toNumber(bits: bigint, type: FieldType): number {
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  return type === "float32"
    ? view.getFloat32(0, true)
    : view.getFloat64(0, true);
}

export function toBits(value: number, type: FieldType): bigint {
  if (type === "float64") {
    view.setFloat64(0, value, true);
    return Number.isNaN(value) ? 0x7ff8n << 48n : view.getBigUint64(0, true);
  }
  view.setFloat32(0, value, true);
  return Number.isNaN(value) ? 0x7fc00000n : BigInt(view.getUint32(0, true));
}

/** How a field is written: the description's rules, by their numbers. */
function ruleOf(cloud: NaiveTypedCloud, index: number): number {
  const { encoding, fields, version } = cloud;
  const { type, resolution } = fields[index];
  if (encoding === "none") return 6;
  const isStepped = (field?: NaiveField) =>
    field?.type === "float32" && field.resolution !== undefined;
  if (encoding === "lossy") {
    let run = 0;
    while (isStepped(fields[run])) run++;
    if ((run === 3 || run === 4) && index < run) return 1;
    if (type.startsWith("float") && resolution !== undefined) return 2;
  }
  if (type === "float32") return encoding === "lossy" ? 6 : 3;
  if (type === "float64") return version >= 4 ? 4 : 3;
  return typeBytes(type) === 1 ? 6 : 5;
}

/** Steps of a value; `undefined` for NaN. */
function stepsOf(value: number, field: NaiveField, rule: number) {
  if (Number.isNaN(value)) return undefined;
  const resolution = field.resolution!;
  const product = field.type === "float64"
    ? value * (1 / resolution)
    : Math.fround(value * Math.fround(1 / resolution));
  const below = Math.floor(product), rest = product - below;
  const isUp = rest > 0.5 ||
    rest === 0.5 && (rule === 1 ? below % 2 !== 0 : product > 0);
  return BigInt(isUp ? below + 1 : below);
}

/** What decoding gives for a value's bits. */
export function decodedBits(
  cloud: NaiveTypedCloud,
  index: number,
  bits: bigint,
): bigint {
  const rule = ruleOf(cloud, index);
  const field = cloud.fields[index];
  if (rule > 2) return bits;
  const steps = stepsOf(toNumber(bits, field.type), field, rule);
  if (steps === undefined) return toBits(NaN, field.type);
  const value = field.type === "float64" || rule === 1
    ? Number(steps)
    : Math.fround(Number(steps));
  return toBits(value * field.resolution!, field.type);
}

/** Writes the values of one field among the points of a chunk. */
function createWriter(cloud: NaiveTypedCloud, index: number) {
  const rule = ruleOf(cloud, index);
  const field = cloud.fields[index];
  const bytes = typeBytes(field.type);
  let previous = 0n;
  const packed = createPackedXor();
  return (bits: bigint): number[] => {
    const before = previous;
    previous = bits;
    if (rule === 6) return toBytes(bits, bytes);
    if (rule === 3) return toBytes(bits ^ before, bytes);
    if (rule === 4) return packed(bits);
    if (rule === 5) {
      previous = signed(bits, field.type);
      return deltaVarint(previous - before);
    }
    const steps = stepsOf(toNumber(bits, field.type), field, rule);
    previous = steps ?? 0n;
    if (steps === undefined) return [0];
    const delta = steps - before;
    return deltaVarint(rule === 1 ? BigInt.asIntN(32, delta) : delta);
  };
}

/** The integer that bits stand for; of uint64 as two's complement. */
function signed(bits: bigint, type: FieldType): bigint {
  const width = 8 * typeBytes(type);
  return type.startsWith("uint") && width < 64
    ? bits
    : BigInt.asIntN(width, bits);
}

function createPackedXor() {
  let previous: bigint | undefined;
  let window: { leading: number; trailing: number } | undefined;
  return (bits: bigint): number[] => {
    if (previous === undefined) {
      previous = bits;
      return toBytes(bits, 8);
    }
    const xor = bits ^ previous;
    previous = bits;
    if (xor === 0n) return [0];
    const text = xor.toString(2).padStart(64, "0");
    const leading = text.indexOf("1");
    const trailing = 63 - text.lastIndexOf("1");
    // Bits, the lowest first.
    const lowFirst = (value: bigint, count: number) =>
      value.toString(2).padStart(count, "0").split("").reverse().join("");
    let out = "1";
    if (
      window !== undefined && leading >= window.leading &&
      trailing >= window.trailing
    ) {
      out += "0";
    } else {
      window = { leading: Math.min(leading, 31), trailing };
      const meaningful = 64 - window.leading - trailing;
      out += "1" + lowFirst(BigInt(window.leading), 5) +
        lowFirst(BigInt(meaningful - 1), 6);
    }
    const count = 64 - window.leading - window.trailing;
    out += lowFirst(xor >> BigInt(window.trailing), count);
    const bytes: number[] = [];
    for (let i = 0; i < out.length; i += 8) {
      const byte = out.slice(i, i + 8).split("").reverse().join("");
      bytes.push(parseInt(byte, 2));
    }
    return bytes;
  };
}

/** Runs of what is equal: what, and how often. */
function runsOf(values: bigint[]): [bigint, number][] {
  const runs: [bigint, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === value) last[1]++;
    else runs.push([value, 1]);
  }
  return runs;
}

/** A section in each mode. */
function sectionsOf(values: bigint[], type: FieldType): number[][] {
  const bytes = typeBytes(type);
  const deltas = values.map((value, i) =>
    BigInt.asIntN(64, signed(value, type) - signed(values[i - 1] ?? 0n, type))
  );
  const palette = [...new Set(values)];
  const bits = palette.length === 1
    ? 0
    : (palette.length - 1).toString(2).length;
  let indexes = 0n;
  if (bits > 0) {
    const text = values.map((value) =>
      palette.indexOf(value).toString(2).padStart(bits, "0")
    ).reverse().join("");
    indexes = BigInt("0b" + text);
  }
  const indexBytes = Math.ceil(bits * values.length / 8);
  const indexText = indexes.toString(16).padStart(2 * indexBytes, "0");
  const packed = Array.from(
    { length: indexBytes },
    (_, i) =>
      parseInt(indexText.slice(indexText.length - 2 * i - 2).slice(0, 2), 16),
  );
  const runs = runsOf(values), deltaRuns = runsOf(deltas);
  return [
    [0, ...deltas.flatMap(deltaVarint)],
    [
      1,
      ...toBytes(BigInt(palette.length), 2),
      ...palette.flatMap((value) => toBytes(value, bytes)),
      ...packed,
    ],
    [
      2,
      ...toBytes(BigInt(runs.length), 4),
      ...runs.flatMap(([value, length]) => [
        ...toBytes(value, bytes),
        ...plainVarint(BigInt(length)),
      ]),
    ],
    [
      3,
      ...toBytes(BigInt(deltaRuns.length), 4),
      ...deltaRuns.flatMap(([delta, length]) => [
        ...deltaVarint(delta),
        ...plainVarint(BigInt(length)),
      ]),
    ],
  ];
}

/** The first stage of each chunk. */
export function encodeStagesNaively(cloud: NaiveTypedCloud): number[][] {
  const { fields, bits, version, encoding } = cloud;
  const hasSections = version === 5 && encoding === "lossy";
  const isSection = (index: number) =>
    hasSections && ruleOf(cloud, index) === 5;
  const modes = fields.map(({ type }, index) => {
    if (cloud.mode !== undefined || !isSection(index)) return cloud.mode ?? 0;
    const probe = bits.slice(0, PROBE_POINTS).map((point) => point[index]);
    const sizes = sectionsOf(probe, type).map(({ length }) => length);
    return sizes.indexOf(Math.min(...sizes));
  });
  const stages: number[][] = [];
  for (let first = 0; first < bits.length; first += CHUNK_POINTS) {
    const chunk = bits.slice(first, first + CHUNK_POINTS);
    const writers = fields.map((_, index) => createWriter(cloud, index));
    const stage: number[] = [];
    for (const point of chunk) {
      fields.forEach((_, index) => {
        if (!isSection(index)) stage.push(...writers[index](point[index]));
      });
    }
    fields.forEach(({ type }, index) => {
      if (!isSection(index)) return;
      const values = chunk.map((point) => point[index]);
      for (const byte of sectionsOf(values, type)[modes[index]]) {
        stage.push(byte);
      }
    });
    stages.push(stage);
  }
  return stages;
}

/** The bytes of a cloud of these bits, with zeros for padding. */
export function layOut(
  { fields, stride }: Pick<NaiveTypedCloud, "fields" | "stride">,
  bits: bigint[][],
): Uint8Array {
  const data = new Uint8Array(bits.length * stride);
  bits.forEach((point, i) =>
    fields.forEach(({ type, offset }, field) =>
      data.set(toBytes(point[field], typeBytes(type)), i * stride + offset)
    )
  );
  return data;
}

/**
 * The first stage of Cloudini again, for every type, version and mode, written
 * as plainly as its description: each value on its own, numbers as BigInt, bits
 * as strings. It has no code in common with the library.
 */
import { column, type PointCloud } from "../../../lib/points/cloud.ts";
import type { CloudiniField } from "../../../lib/points/cloudini/info.ts";

export interface Model {
  version: 2 | 3 | 4 | 5;
  encoding: "none" | "lossy" | "lossless";
  /** In the order in which they are encoded. */
  fields: readonly CloudiniField[];
  /** The mode of each section, by field; the smallest where none is said. */
  modes?: Record<string, number>;
}

const BYTES = { 8: 1, 16: 2, 32: 4, 64: 8 } as const;

function bytesOf({ type }: CloudiniField): 1 | 2 | 4 | 8 {
  const bits = Number(/\d+$/.exec(type)![0]) as keyof typeof BYTES;
  return BYTES[bits];
}

/** A value, and its bits, which a NaN's number doesn't tell. */
interface Value {
  number: number | bigint;
  bits: bigint;
}

function valuesOf(cloud: PointCloud, field: CloudiniField): Value[] {
  const bytes = bytesOf(field);
  return [...column(cloud, field.name)].map((number, i) => {
    const at = i * cloud.stride + field.offset;
    const bits = [...cloud.data.subarray(at, at + bytes)]
      .reduceRight((bits, byte) => bits << 8n | BigInt(byte), 0n);
    return { number, bits };
  });
}

function rawBytes(bits: bigint, bytes: number): number[] {
  return Array.from(
    { length: bytes },
    (_, i) => Number(bits >> BigInt(8 * i) & 255n),
  );
}

function plainVarint(u: bigint): number[] {
  return u < 128n
    ? [Number(u)]
    : [Number(u & 127n | 128n), ...plainVarint(u >> 7n)];
}

/** zigzag64 + 1, with wrap-around. */
function varint(value: bigint): number[] {
  const wrapped = BigInt.asIntN(64, value);
  const zigzag = wrapped << 1n ^ wrapped >> 63n;
  return plainVarint(BigInt.asUintN(64, zigzag + 1n));
}

function roundHalfEven(value: number): bigint {
  const below = Math.floor(value);
  const rest = value - below;
  const isUp = rest > 0.5 || rest === 0.5 && below % 2 !== 0;
  return BigInt(isUp ? below + 1 : below);
}

function roundHalfAway(value: number): bigint {
  const size = Math.abs(value);
  const below = Math.floor(size);
  const rounded = BigInt(size - below >= 0.5 ? below + 1 : below);
  return value < 0 ? -rounded : rounded;
}

/** The fields that rule 1 is for: none unless 3 or 4 in a row come first. */
function leadingFields({ encoding, fields }: Model): readonly CloudiniField[] {
  if (encoding !== "lossy") return [];
  const isStepped = ({ type, resolution }: CloudiniField) =>
    type === "float32" && resolution !== undefined;
  const end = fields.findIndex((field) => !isStepped(field));
  const first = end < 0 ? fields : fields.slice(0, end);
  return first.length === 3 || first.length === 4 ? first : [];
}

function isInteger({ type }: CloudiniField): boolean {
  return type.includes("int");
}

/** Whether a field is in a section of its own. */
function isSection(
  { version, encoding }: Model,
  field: CloudiniField,
): boolean {
  return version === 5 && encoding === "lossy" && isInteger(field) &&
    bytesOf(field) > 1;
}

/** Writes a field's values, one after the other. */
function createWriter(model: Model, field: CloudiniField) {
  const { version, encoding } = model;
  const { type, resolution } = field;
  const bytes = bytesOf(field);
  let previous = 0n;
  const raw = ({ bits }: Value) => rawBytes(bits, bytes);
  const xor = ({ bits }: Value) => {
    const written = rawBytes(bits ^ previous, bytes);
    previous = bits;
    return written;
  };
  const steps =
    (quantize: (value: number) => bigint, bits: 32 | 64) =>
    ({ number }: Value) => {
      if (Number.isNaN(number)) {
        previous = 0n;
        return [0];
      }
      const whole = quantize(Number(number));
      const written = varint(BigInt.asIntN(bits, whole - previous));
      previous = whole;
      return written;
    };
  if (encoding === "none") return raw;
  if (leadingFields(model).includes(field)) {
    const multiplier = Math.fround(1 / Math.fround(resolution!));
    return steps((v) => roundHalfEven(Math.fround(v * multiplier)), 32);
  }
  if (encoding === "lossy" && resolution !== undefined && !isInteger(field)) {
    const widened = Math.fround(resolution);
    return type === "float32"
      ? steps(
        (v) => roundHalfAway(Math.fround(v * Math.fround(1 / widened))),
        64,
      )
      : steps((v) => roundHalfAway(v * (1 / widened)), 64);
  }
  if (type === "float32") return encoding === "lossy" ? raw : xor;
  if (type === "float64") {
    return version >= 4 && resolution === undefined ? createPackedXor() : xor;
  }
  if (bytes === 1) return raw;
  return ({ number }: Value) => {
    const written = varint(BigInt(number) - previous);
    previous = BigInt(number);
    return written;
  };
}

/** Bits, lowest first, as a text of 0 and 1. */
function lowFirst(value: bigint, count: number): string {
  return value.toString(2).padStart(count, "0").split("").reverse().join("");
}

function packBits(bits: string): number[] {
  return (bits.match(/.{1,8}/g) ?? []).map((byte) =>
    parseInt(byte.split("").reverse().join(""), 2)
  );
}

function createPackedXor() {
  let previous: bigint | undefined;
  let window: { leading: number; trailing: number } | undefined;
  return ({ bits }: Value): number[] => {
    const before = previous;
    previous = bits;
    if (before === undefined) return packBits(lowFirst(bits, 64));
    const x = bits ^ before;
    if (x === 0n) return packBits("0");
    const text = x.toString(2).padStart(64, "0");
    const leading = text.indexOf("1");
    const trailing = 63 - text.lastIndexOf("1");
    if (window && leading >= window.leading && trailing >= window.trailing) {
      const count = 64 - window.leading - window.trailing;
      return packBits("10" + lowFirst(x >> BigInt(window.trailing), count));
    }
    const most = Math.min(leading, 31);
    const count = 64 - most - trailing;
    window = { leading: most, trailing };
    return packBits(
      "11" + lowFirst(BigInt(most), 5) + lowFirst(BigInt(count - 1), 6) +
        lowFirst(x >> BigInt(trailing), count),
    );
  };
}

/** Runs of equal values, and their lengths. */
function runsOf(values: readonly bigint[]): [value: bigint, length: bigint][] {
  const runs: [bigint, bigint][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.[0] === value) last[1]++;
    else runs.push([value, 1n]);
  }
  return runs;
}

/** A section in one of its modes, its first byte the mode. */
function sectionOf(
  field: CloudiniField,
  values: readonly bigint[],
  mode: number,
): number[] {
  const bytes = bytesOf(field);
  const deltas = values.map((value, i) =>
    BigInt.asIntN(64, value - (values[i - 1] ?? 0n))
  );
  const raw = (value: bigint) => rawBytes(BigInt.asUintN(64, value), bytes);
  const count = (n: number) => rawBytes(BigInt(n), 4);
  switch (mode) {
    case 0:
      return [0, ...deltas.flatMap(varint)];
    case 1: {
      const palette = [...new Set(values)];
      const bits = (palette.length - 1).toString(2).length;
      const indexes = palette.length === 1
        ? ""
        : values.map((v) => lowFirst(BigInt(palette.indexOf(v)), bits)).join(
          "",
        );
      return [
        1,
        ...rawBytes(BigInt(palette.length), 2),
        ...palette.flatMap(raw),
        ...packBits(indexes.padEnd(Math.ceil(indexes.length / 8) * 8, "0")),
      ];
    }
    case 2: {
      const runs = runsOf(values);
      return [
        ...[2, ...count(runs.length)],
        ...runs.flatMap(([v, n]) => [...raw(v), ...plainVarint(n)]),
      ];
    }
    default: {
      const runs = runsOf(deltas);
      return [
        ...[3, ...count(runs.length)],
        ...runs.flatMap(([v, n]) => [...varint(v), ...plainVarint(n)]),
      ];
    }
  }
}

const PROBE_POINTS = 4096;

function smallestMode(field: CloudiniField, values: readonly bigint[]): number {
  const probe = values.slice(0, PROBE_POINTS);
  const sizes = [0, 1, 2, 3].map((mode) =>
    sectionOf(field, probe, mode).length
  );
  return sizes.indexOf(Math.min(...sizes));
}

/** The first stage of a cloud of one chunk. */
export function encodeModel(model: Model, cloud: PointCloud): number[] {
  const sections = model.fields.filter((field) => isSection(model, field));
  const writers = model.fields.filter((field) => !sections.includes(field))
    .map((field) => ({
      values: valuesOf(cloud, field),
      write: createWriter(model, field),
    }));
  const bytes = Array.from(
    { length: cloud.points },
    (_, point) => writers.flatMap(({ values, write }) => write(values[point])),
  ).flat();
  return [
    ...bytes,
    ...sections.flatMap((field) => {
      const integers = valuesOf(cloud, field)
        .map(({ number }) => BigInt.asIntN(64, BigInt(number)));
      const mode = model.modes?.[field.name] ?? smallestMode(field, integers);
      return sectionOf(field, integers, mode);
    }),
  ];
}

/** How a cloud differs from the one that it was made of, field by field. */
import { type Column, column, type PointCloud, viewOf } from "./cloud.ts";
import { PointsError } from "./errors.ts";
import { type FieldType, type PointField, typeBytes } from "./field.ts";

/** How one field came through. */
export interface FieldComparison {
  /** The field's name. */
  name: string;
  /**
   * Whether every value is the same: bit for bit in the same type, or the same
   * number in another one.
   */
  isExact: boolean;
  /** Whether every value is exact, or within half of the step asked for. */
  isWithin: boolean;
  /**
   * The largest difference, in the field's own units; Infinity where a value
   * became NaN, or the field is missing.
   */
  maxError: number;
}

/**
 * What rounding to steps may add to half a step, for each unit of the value:
 * the resolution, its inverse and two products are rounded to float32 (2^-24
 * each at most); of float64 only the resolution is.
 */
const FLOAT32_SLACK = 4 * 2 ** -24;
const FLOAT64_SLACK = 2 ** -50;
const STEP_SLACK = 2 ** -22;

/**
 * Compares each field of a cloud with the field of that name in another.
 *
 * @param steps units for one step, by name, of the fields that may be rounded.
 * Their NaN is any NaN.
 * @throws {PointsError} `length` when the numbers of points differ.
 */
export function compareClouds(
  before: PointCloud,
  after: PointCloud,
  steps: Readonly<Record<string, number>> = {},
): FieldComparison[] {
  if (before.points !== after.points) {
    throw new PointsError(
      "length",
      `Cannot compare ${before.points} points with ${after.points}`,
    );
  }
  return before.fields.map((field) => {
    const other = after.fields.find(({ name }) => name === field.name);
    const step = Object.hasOwn(steps, field.name) ? steps[field.name] : 0;
    return other === undefined
      ? missing(field.name)
      : compareFields({ cloud: before, field }, {
        cloud: after,
        field: other,
      }, step);
  });
}

function missing(name: string): FieldComparison {
  return { name, isExact: false, isWithin: false, maxError: Infinity };
}

/** A field of a cloud. */
interface Values {
  cloud: PointCloud;
  field: PointField;
}

function compareFields(a: Values, b: Values, step: number): FieldComparison {
  const { name, type } = a.field;
  const isRetyped = type !== b.field.type;
  // Most fields are exact, which is seen where they lie.
  if (!isRetyped && areSameBits(a, b)) return exact(name);
  const before = column(a.cloud, name);
  const after = column(b.cloud, name);
  const bound = boundOf(type, step);
  const { maxError, isWithin, isEqual } = isBig(before) || isBig(after)
    ? compareBig(before, after, bound)
    : compareNumbers(before, after, bound);
  if (isRetyped && isEqual) return exact(name);
  // Numbers that are equal here are NaN of other bits, or a zero's sign.
  return { name, isExact: false, isWithin: step > 0 && isWithin, maxError };
}

function exact(name: string): FieldComparison {
  return { name, isExact: true, isWithin: true, maxError: 0 };
}

/** How far a value may be off: absolutely, and for each unit of itself. */
interface Bound {
  half: number;
  slack: number;
}

function boundOf(type: FieldType, step: number): Bound {
  return {
    half: step / 2 * (1 + STEP_SLACK),
    slack: type === "float32" ? FLOAT32_SLACK : FLOAT64_SLACK,
  };
}

interface Errors {
  maxError: number;
  isWithin: boolean;
  /** Whether all numbers are the same, or neither is one. */
  isEqual: boolean;
}

type BigColumn = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

function isBig(values: Column): values is BigColumn {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

function compareNumbers(
  before: Exclude<Column, BigColumn>,
  after: Exclude<Column, BigColumn>,
  { half, slack }: Bound,
): Errors {
  let maxError = 0;
  let isWithin = true;
  for (let i = 0; i < before.length; i++) {
    const a = before[i];
    const b = after[i];
    if (a === b) continue;
    const error = Math.abs(a - b);
    if (error <= maxError && error <= half) continue;
    if (!(error < Infinity)) {
      if (a !== a && b !== b) continue;
      return { maxError: Infinity, isWithin: false, isEqual: false };
    }
    if (error > maxError) maxError = error;
    if (error > half + Math.abs(a) * slack) isWithin = false;
  }
  return { maxError, isWithin, isEqual: maxError === 0 };
}

/** The same where a double can't hold each number of one of them. */
function compareBig(
  before: Column,
  after: Column,
  { half, slack }: Bound,
): Errors {
  let maxError = 0;
  let isWithin = true;
  for (let i = 0; i < before.length; i++) {
    const error = differenceOf(before[i], after[i]);
    if (error > maxError) maxError = error;
    const most = half + Math.abs(Number(before[i])) * slack;
    if (error === Infinity || error > most) isWithin = false;
  }
  return { maxError, isWithin, isEqual: maxError === 0 };
}

/** Gives |a - b|, rounded but once; `Infinity` where one is not finite. */
function differenceOf(a: number | bigint, b: number | bigint): number {
  if (typeof a === "number" && !Number.isFinite(a)) return Infinity;
  if (typeof b === "number" && !Number.isFinite(b)) return Infinity;
  const [wholeA, partA] = split(a);
  const [wholeB, partB] = split(b);
  return Math.abs(Number(wholeA - wholeB) + (partA - partB));
}

/** Splits a number into its whole part and the rest, both exact. */
function split(value: number | bigint): [whole: bigint, part: number] {
  if (typeof value === "bigint") return [value, 0];
  const whole = Math.trunc(value);
  return [BigInt(whole), value - whole];
}

/** Tells whether two fields of one type have the same bits in each point. */
function areSameBits(a: Values, b: Values): boolean {
  const { points, stride } = a.cloud;
  const strideB = b.cloud.stride;
  const [viewA, viewB] = [viewOf(a.cloud), viewOf(b.cloud)];
  let [at, to] = [a.field.offset, b.field.offset];
  switch (typeBytes(a.field.type)) {
    case 1:
      for (let i = 0; i < points; i++, at += stride, to += strideB) {
        if (viewA.getUint8(at) !== viewB.getUint8(to)) return false;
      }
      return true;
    case 2:
      for (let i = 0; i < points; i++, at += stride, to += strideB) {
        if (viewA.getUint16(at) !== viewB.getUint16(to)) return false;
      }
      return true;
    case 4:
      for (let i = 0; i < points; i++, at += stride, to += strideB) {
        if (viewA.getUint32(at) !== viewB.getUint32(to)) return false;
      }
      return true;
    case 8:
      for (let i = 0; i < points; i++, at += stride, to += strideB) {
        if (viewA.getUint32(at) !== viewB.getUint32(to)) return false;
        if (viewA.getUint32(at + 4) !== viewB.getUint32(to + 4)) return false;
      }
      return true;
  }
}

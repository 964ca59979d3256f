/** How a cloud differs from the one that it was made of, field by field. */
import { type PointCloud, viewOf } from "./cloud.ts";
import { PointsError } from "./errors.ts";
import {
  type FieldType,
  numberReader,
  type PointField,
  typeBytes,
} from "./field.ts";

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
 * What rounding to steps may add to half a step, for each unit of the value: the
 * resolution, its inverse and two products are rounded to float32 (2^-24 each
 * at most); of float64 only the resolution is.
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

function compareFields(
  a: Values,
  b: Values,
  step: number,
): FieldComparison {
  const { name, type } = a.field;
  const isRetyped = type !== b.field.type;
  const differs = bitsDiffer(typeBytes(type));
  const [viewA, viewB] = [viewOf(a.cloud), viewOf(b.cloud)];
  const [readA, readB] = [exactReader(type), exactReader(b.field.type)];
  const slack = type === "float32" ? FLOAT32_SLACK : FLOAT64_SLACK;
  const half = step / 2 * (1 + STEP_SLACK);
  let isExact = true, isWithin = true;
  let maxError = 0;
  let atA = a.field.offset, atB = b.field.offset;
  const { points, stride } = a.cloud;
  for (let i = 0; i < points; i++, atA += stride, atB += b.cloud.stride) {
    if (!isRetyped && !differs(viewA, atA, viewB, atB)) continue;
    const x = readA(viewA, atA), y = readB(viewB, atB);
    const isSame = areEqual(x, y);
    if (isSame && isRetyped) continue;
    isExact = false;
    // Equal all the same: NaN of other bits, or a zero that lost its sign.
    const error = isSame ? 0 : errorOf(x, y);
    if (error > maxError) maxError = error;
    const most = half + Math.abs(Number(x)) * slack;
    const isRounded = step > 0 && (isSame || error <= most);
    if (!isRounded) isWithin = false;
  }
  return { name, isExact, isWithin, maxError };
}

/** Reads one value; 64-bit integers exactly. */
type ExactReader = (view: DataView, at: number) => number | bigint;

function exactReader(type: FieldType): ExactReader {
  switch (type) {
    case "int64":
      return (view, at) => view.getBigInt64(at, true);
    case "uint64":
      return (view, at) => view.getBigUint64(at, true);
    default:
      return numberReader(type);
  }
}

/** Tells whether two values are the same number, or neither is one. */
function areEqual(x: number | bigint, y: number | bigint): boolean {
  return x <= y && x >= y || x !== x && y !== y;
}

/** The difference of two values; Infinity from a number to NaN or back. */
function errorOf(x: number | bigint, y: number | bigint): number {
  if (typeof x === "bigint" && typeof y === "bigint") {
    return Math.abs(Number(x - y));
  }
  const error = Math.abs(Number(x) - Number(y));
  return error === error ? error : Infinity;
}

type BitsDiffer = (
  a: DataView,
  atA: number,
  b: DataView,
  atB: number,
) => boolean;

function bitsDiffer(bytes: 1 | 2 | 4 | 8): BitsDiffer {
  switch (bytes) {
    case 1:
      return (a, atA, b, atB) => a.getUint8(atA) !== b.getUint8(atB);
    case 2:
      return (a, atA, b, atB) =>
        a.getUint16(atA, true) !== b.getUint16(atB, true);
    case 4:
      return (a, atA, b, atB) =>
        a.getUint32(atA, true) !== b.getUint32(atB, true);
    case 8:
      return (a, atA, b, atB) =>
        a.getUint32(atA, true) !== b.getUint32(atB, true) ||
        a.getUint32(atA + 4, true) !== b.getUint32(atB + 4, true);
  }
}

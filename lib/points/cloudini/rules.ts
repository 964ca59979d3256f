/** How the first stage writes each field down. */
import { type FieldType, isFloat, typeBytes } from "../field.ts";
import type { CloudiniField, CloudiniHeader } from "./info.ts";

/**
 * How a field's values are written.
 *
 * - `leading`: float32 steps of the first 3 or 4 fields, in int32
 * - `steps`: floats as steps in int64
 * - `raw`: the bytes
 * - `xor`: the bits XOR the previous ones, whole
 * - `packed-xor`: the same of float64, but only the bits that differ
 * - `delta`: the difference of integers to the previous one
 * - `section`: integers, all of a chunk together, after its points
 */
export type Rule =
  | "leading"
  | "steps"
  | "raw"
  | "xor"
  | "packed-xor"
  | "delta"
  | "section";

/** A field, and how its values are written. */
export interface RuledField extends CloudiniField {
  readonly rule: Rule;
}

/** The version that has sections for integers. */
const SECTIONS_VERSION = 5;

/** The version that packs the bits of float64. */
const PACKED_XOR_VERSION = 4;

/** Bytes of the longest varint of a difference, by the value's bytes. */
const MAX_DELTA_BYTES = { 1: 2, 2: 3, 4: 5, 8: 10 };

/** The longest varint. */
export const MAX_VARINT_BYTES = 10;

/** Two bits, 5 and 6 for a window, and 64: in whole bytes. */
const MAX_PACKED_XOR_BYTES = 10;

/** A section's mode, and the number of its runs. */
const SECTION_START_BYTES = 5;

/** The most bytes for the length of a run, which is at most a chunk's. */
const MAX_RUN_BYTES = 3;

/** Finds how each field is written, in the header's order. */
export function ruleFields(
  { version, encoding, fields }: Pick<
    CloudiniHeader,
    "version" | "encoding" | "fields"
  >,
): RuledField[] {
  if (encoding === "none") {
    return fields.map((field) => ({ ...field, rule: "raw" }));
  }
  const isLossy = encoding === "lossy";
  const leading = isLossy ? countLeading(fields) : 0;
  return fields.map((field, i) => {
    const { type, resolution } = field;
    const hasSteps = resolution !== undefined;
    if (i < leading) return { ...field, rule: "leading" };
    if (isFloat(type) && isLossy && hasSteps) {
      return { ...field, rule: "steps" };
    }
    if (type === "float32") return { ...field, rule: isLossy ? "raw" : "xor" };
    if (type === "float64") {
      const isPacked = version >= PACKED_XOR_VERSION && !hasSteps;
      return { ...field, rule: isPacked ? "packed-xor" : "xor" };
    }
    if (typeBytes(type) === 1) return { ...field, rule: "raw" };
    const hasSections = isLossy && version >= SECTIONS_VERSION;
    return { ...field, rule: hasSections ? "section" : "delta" };
  });
}

/**
 * Counts the float32 fields with steps that come first; they are written
 * together where they are 3 or 4.
 */
function countLeading(fields: readonly CloudiniField[]): number {
  const end = fields.findIndex(({ type, resolution }) =>
    type !== "float32" || resolution === undefined
  );
  const count = end < 0 ? fields.length : end;
  return count === 3 || count === 4 ? count : 0;
}

/** The fewest bytes that a value takes among the points of a chunk. */
export function minValueBytes({ rule, type }: RuledField): number {
  switch (rule) {
    case "raw":
    case "xor":
      return typeBytes(type);
    case "section":
      return 0;
    default:
      return 1;
  }
}

/** The most bytes that the first stage of a chunk takes. */
export function maxStageBytes(
  fields: readonly RuledField[],
  points: number,
): number {
  return fields.reduce(
    (sum, field) =>
      sum + points * maxValueBytes(field) +
      (field.rule === "section" ? SECTION_START_BYTES : 0),
    0,
  );
}

function maxValueBytes({ rule, type }: RuledField): number {
  switch (rule) {
    case "leading":
      return MAX_DELTA_BYTES[4];
    case "steps":
      return MAX_VARINT_BYTES;
    case "packed-xor":
      return MAX_PACKED_XOR_BYTES;
    case "delta":
      return MAX_DELTA_BYTES[typeBytes(type)];
    case "section":
      return MAX_DELTA_BYTES[typeBytes(type)] + MAX_RUN_BYTES;
    case "raw":
    case "xor":
      return typeBytes(type);
  }
}

/** Tells whether a type is of integers without a sign. */
export function isUnsigned(type: FieldType): boolean {
  return type.startsWith("uint");
}

/** How the values of a chunk that lie point by point are decoded. */
import { typeBytes } from "../field.ts";
import { MAX_FIELDS } from "./header_fields.ts";
import type { RuledField } from "./rules.ts";

/** What is done for a value; numbers, as they are asked for each. */
export const Kind = {
  leading: 0,
  steps32: 1,
  steps64: 2,
  delta: 3,
  raw: 4,
  xor: 5,
  packedXor: 6,
} as const;

// Decoding a chunk is one synchronous call, so all decoders share this.

/** The value before, by field: steps, or bits. */
export const previousLow = new Int32Array(MAX_FIELDS);
export const previousHigh = new Int32Array(MAX_FIELDS);
/** The window of packed bits, by field; `NO_WINDOW` before there is one. */
export const leading = new Int32Array(MAX_FIELDS);
export const trailing = new Int32Array(MAX_FIELDS);

/** In place of a window: before there is a value, and before there is one. */
export const NO_VALUE = -2, NO_WINDOW = -1;

/** How to decode the fields of a point. */
export interface PointsPlan {
  readonly kinds: Uint8Array;
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Units for one step. */
  readonly resolutions: Float64Array;
  /** The most bytes that the fast way looks at for a point. */
  readonly fastBytes: number;
  /** Whether leading fields have at most one other after them. */
  readonly isMixed: boolean;
}

/** Prepares for fields. */
export function planPoints(fields: readonly RuledField[]): PointsPlan {
  return {
    kinds: Uint8Array.from(fields, kindOf),
    offsets: Uint32Array.from(fields, ({ offset }) => offset),
    bytes: Uint8Array.from(fields, ({ type }) => typeBytes(type)),
    resolutions: Float64Array.from(
      fields,
      ({ resolution = 0 }) => resolution,
    ),
    isMixed: isMixed(fields),
    fastBytes: fields.reduce((sum, field) => sum + fastValueBytes(field), 0),
  };
}

function isMixed(fields: readonly RuledField[]): boolean {
  const leading = fields.filter(({ rule }) => rule === "leading").length;
  if (leading === 0 || fields.length > leading + 1) return false;
  const rest = fields.at(leading);
  return rest === undefined || rest.rule === "packed-xor" ||
    rest.rule === "steps" && rest.type === "float64" ||
    rest.rule === "raw" && typeBytes(rest.type) === 4;
}

function fastValueBytes({ rule, type }: RuledField): number {
  return rule === "raw" || rule === "xor" ? typeBytes(type) : 3;
}

function kindOf({ rule, type }: RuledField): number {
  switch (rule) {
    case "steps":
      return type === "float32" ? Kind.steps32 : Kind.steps64;
    case "packed-xor":
      return Kind.packedXor;
    case "section":
      throw new Error("a section is not among the points");
    default:
      return Kind[rule];
  }
}

/** Begins a chunk: forgets the values before it. */
export function resetPoints(): void {
  previousLow.fill(0);
  previousHigh.fill(0);
  leading.fill(NO_VALUE);
}

/** Numbers of a text as values of a field's type. */
import { type FieldType, isFloat, type PointField } from "../field.ts";
import type { TextTokens } from "./text_tokens.ts";

/**
 * Reads the word at hand as a value of the record at byte `at`.
 *
 * @throws {PointsError} `text` for what is no number, or none of the type.
 */
export type ValueReader = (
  text: TextTokens,
  view: DataView,
  at: number,
) => void;

type NumberType = Exclude<FieldType, "int64" | "uint64">;

/** Up to here a double holds a whole number exactly. */
const MAX_SAFE = Number.MAX_SAFE_INTEGER;

interface WholeRange {
  min: number;
  max: number;
}

/** The whole numbers of a type; none are needed of floats. */
const RANGES: Readonly<Record<string, WholeRange>> = {
  int8: { min: -0x80, max: 0x7f },
  uint8: { min: 0, max: 0xff },
  int16: { min: -0x8000, max: 0x7fff },
  uint16: { min: 0, max: 0xffff },
  int32: { min: -0x80000000, max: 0x7fffffff },
  uint32: { min: 0, max: 0xffffffff },
};

/** The bits of a packed colour, written with a sign or without. */
const BITS: WholeRange = { min: -0x80000000, max: 0xffffffff };

const SETTERS: Readonly<
  Record<NumberType, (view: DataView, at: number, value: number) => void>
> = {
  int8: (view, at, value) => view.setInt8(at, value),
  uint8: (view, at, value) => view.setUint8(at, value),
  int16: (view, at, value) => view.setInt16(at, value, true),
  uint16: (view, at, value) => view.setUint16(at, value, true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
  float32: (view, at, value) => view.setFloat32(at, value, true),
  float64: (view, at, value) => view.setFloat64(at, value, true),
};

/** Returns what reads the values of a field. */
export function valueReader(
  { type, offset, name }: Pick<PointField, "type" | "offset" | "name">,
): ValueReader {
  if (type === "int64" || type === "uint64") {
    return bigReader({ type, offset });
  }
  const set = SETTERS[type];
  if (isFloat(type)) {
    return (text, view, at) => set(view, at + offset, text.number());
  }
  const isColor = /^rgba?$/i.test(name) && /32$/.test(type);
  const { min, max } = isColor ? BITS : RANGES[type];
  return (text, view, at) => {
    const value = text.number();
    const isWhole = value >= min && value <= max && value % 1 === 0;
    if (!isWhole) throw text.refuse(`a number, ${type}`);
    set(view, at + offset, value);
  };
}

function bigReader(
  { type, offset }: { type: "int64" | "uint64"; offset: number },
): ValueReader {
  const wrap = type === "int64" ? BigInt.asIntN : BigInt.asUintN;
  const least = type === "int64" ? Number.MIN_SAFE_INTEGER : 0;
  return (text, view, at) => {
    const double = text.number();
    if (double >= least && double <= MAX_SAFE && double % 1 === 0) {
      view.setUint32(at + offset, double, true);
      view.setUint32(at + offset + 4, Math.floor(double / 2 ** 32), true);
      return;
    }
    const value = text.bigInt();
    if (value === undefined || wrap(64, value) !== value) {
      throw text.refuse(`a number, ${type}`);
    }
    view.setBigUint64(at + offset, BigInt.asUintN(64, value), true);
  };
}

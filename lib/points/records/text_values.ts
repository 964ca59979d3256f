/** Numbers of a text as values of a field's type. */
import {
  isFloat,
  numberWriter,
  type PointField,
  type WholeRange,
  wholeRange,
} from "../field.ts";
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

/** Up to here a double holds a whole number exactly. */
const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** The bits of a packed colour, written with a sign or without. */
const BITS: WholeRange = { min: -0x80000000, max: 0xffffffff };

/** Returns what reads the values of a field. */
export function valueReader(
  { type, offset, name }: Pick<PointField, "type" | "offset" | "name">,
): ValueReader {
  if (type === "int64" || type === "uint64") {
    return bigReader({ type, offset });
  }
  const set = numberWriter(type);
  if (isFloat(type)) {
    return (text, view, at) => set(view, at + offset, text.number());
  }
  const isColor = /^rgba?$/i.test(name) && /32$/.test(type);
  const { min, max } = isColor ? BITS : wholeRange(type)!;
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

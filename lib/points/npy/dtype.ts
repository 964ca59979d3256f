import { PointsError } from "../errors.ts";
import type { PythonLiteral } from "./python_literal.ts";

/** Reads one number at a byte offset. */
export type NumberReader = (view: DataView, offset: number) => number;

/** A numeric type, as it lies in a file. */
export interface NumberType {
  /** As NumPy writes it, such as "<f4". */
  name: string;
  bytes: number;
  read: NumberReader;
}

/** A named field of a structured dtype. */
export interface StructField {
  name: string;
  type: NumberType;
  /** Bytes from the start of its element. */
  offset: number;
}

/** A dtype: one number an element, or several with names. */
export type Dtype = NumberType | {
  fields: StructField[];
  /** Bytes of one element. */
  bytes: number;
};

/** By kind and bytes, as in "f4": how a number is read, of either order. */
const READERS: Readonly<
  Record<string, (littleEndian: boolean) => NumberReader>
> = {
  f4: (little) => (view, at) => view.getFloat32(at, little),
  f8: (little) => (view, at) => view.getFloat64(at, little),
  i1: () => (view, at) => view.getInt8(at),
  i2: (little) => (view, at) => view.getInt16(at, little),
  i4: (little) => (view, at) => view.getInt32(at, little),
  i8: (little) => (view, at) => Number(view.getBigInt64(at, little)),
  u1: () => (view, at) => view.getUint8(at),
  u2: (little) => (view, at) => view.getUint16(at, little),
  u4: (little) => (view, at) => view.getUint32(at, little),
  u8: (little) => (view, at) => Number(view.getBigUint64(at, little)),
  b1: () => (view, at) => view.getUint8(at),
};

/** Characters of a stranger's text that an error shows at most. */
const MAX_SHOWN_CHARACTERS = 60;

/** Padding in a structured dtype: nameless bytes. */
const PADDING = /^\|V(\d{1,6})$/;

/**
 * Interprets the `descr` of a `.npy` header.
 *
 * @throws {PointsError} `unsupported` naming the type that isn't read,
 * `header` when it is no dtype.
 */
export function parseDtype(descr: PythonLiteral): Dtype {
  if (typeof descr === "string") return parseNumberType(descr);
  if (!Array.isArray(descr)) throw malformed();
  const fields: StructField[] = [];
  let bytes = 0;
  for (const entry of descr) {
    const { name, type } = parseEntry(entry);
    const padding = PADDING.exec(type);
    if (name === "" && padding !== null) {
      bytes += Number(padding[1]);
      continue;
    }
    if (fields.some((field) => field.name === name)) throw malformed();
    const field = { name, type: parseNumberType(type, name), offset: bytes };
    fields.push(field);
    bytes += field.type.bytes;
  }
  return { fields, bytes };
}

function parseEntry(entry: PythonLiteral): { name: string; type: string } {
  if (!Array.isArray(entry)) throw malformed();
  const [title, type, ...rest] = entry as readonly PythonLiteral[];
  // A field with a title is named (title, name).
  const name = Array.isArray(title) ? title[1] : title;
  if (typeof name !== "string" || type === undefined) throw malformed();
  if (typeof type !== "string") {
    throw unsupported(`field ${quote(name)} with fields of its own`);
  }
  if (rest.length > 0) throw unsupported(`field ${quote(name)} with a shape`);
  return { name, type };
}

function parseNumberType(name: string, field?: string): NumberType {
  const [order, kind] = [name.charAt(0), name.slice(1)];
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  const bytes = Number(kind.slice(1));
  const orders = bytes === 1 ? "|<>=" : "<>=";
  if (reader === undefined || !orders.includes(order)) {
    throw unsupported(
      `dtype ${quote(name)}` +
        (field === undefined ? "" : ` of field ${quote(field)}`),
    );
  }
  return { name, bytes, read: reader(order !== ">") };
}

/** Quotes what a stranger wrote, short enough for a message. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS));
}

function malformed(): PointsError {
  return new PointsError("header", "Cannot read .npy: descr is no dtype");
}

function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read .npy: ${what}`);
}

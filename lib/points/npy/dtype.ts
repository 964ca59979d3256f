import { PointsError } from "../errors.ts";
import { type FieldType, findType, typeBytes } from "../field.ts";
import { MAX_COLUMNS } from "../names.ts";
import { parseEntry, subArrayNames } from "./dtype_entry.ts";
import { malformed, quote, unsupported } from "./errors.ts";
import type { PythonLiteral } from "./python_literal.ts";

/** A numeric type, as it lies in a file. */
export interface NumberType {
  /** As NumPy writes it, such as "<f4". */
  name: string;
  /** Bytes of a value in the file. */
  bytes: 1 | 2 | 4 | 8;
  /** The type that a cloud has for it. */
  type: FieldType;
  /** Whether the bytes of a value are in the other order. */
  isBigEndian: boolean;
  /** Whether values are float16, which a cloud has as float32. */
  isHalf: boolean;
}

/** A number of a structured dtype, by name. */
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

/** A field, with the name it gets where another has its own name too. */
interface Leaf extends StructField {
  path: string;
}

/** Padding in a structured dtype: nameless bytes. */
const PADDING = /^\|V(\d{1,6})$/;

/**
 * Interprets the `descr` of a `.npy` header. Fields within fields are listed as
 * if they stood side by side; the numbers of one with a shape get names.
 *
 * @throws {PointsError} `unsupported` naming the type that isn't read,
 * `header` when it is no dtype.
 */
export function parseDtype(descr: PythonLiteral): Dtype {
  if (typeof descr === "string") return parseNumberType(descr);
  if (!Array.isArray(descr)) throw malformed();
  const { leaves, bytes } = listLeaves(descr);
  const times = new Map<string, number>();
  for (const { name } of leaves) times.set(name, (times.get(name) ?? 0) + 1);
  const fields = leaves.map(({ name, path, type, offset }) => ({
    name: times.get(name) === 1 ? name : path,
    type,
    offset,
  }));
  const names = new Set(fields.map(({ name }) => name));
  if (names.size < fields.length || names.has("")) throw malformed();
  return { fields, bytes };
}

function listLeaves(
  entries: readonly PythonLiteral[],
): { leaves: Leaf[]; bytes: number } {
  const leaves: Leaf[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const { name, type, count } = parseEntry(entry);
    const padding = typeof type === "string" ? PADDING.exec(type) : null;
    if (name === "" && padding !== null) {
      bytes += Number(padding[1]);
      continue;
    }
    const element = typeof type === "string"
      ? leafOf(type, name)
      : listLeaves(type);
    const all = leaves.length + element.leaves.length * (count ?? 1);
    if (all > MAX_COLUMNS) {
      throw new PointsError(
        "unsupported",
        `Cannot read .npy: ${all} numbers a point, expected at most ` +
          MAX_COLUMNS,
      );
    }
    leaves.push(...nameLeaves(element, name, count, bytes));
    bytes += element.bytes * (count ?? 1);
  }
  return { leaves, bytes };
}

function leafOf(
  text: string,
  field: string,
): { leaves: Leaf[]; bytes: number } {
  const type = parseNumberType(text, field);
  return {
    leaves: [{ name: "", path: "", type, offset: 0 }],
    bytes: type.bytes,
  };
}

/** Lists the leaves of a field, whose own are those of one element of it. */
function nameLeaves(
  element: { leaves: Leaf[]; bytes: number },
  field: string,
  count: number | undefined,
  start: number,
): Leaf[] {
  const names = subArrayNames(field, count);
  return names.flatMap((name, i) => {
    const path = count === undefined ? field : `${field}_${i}`;
    return element.leaves.map((leaf) => ({
      name: leaf.name === ""
        ? name
        : leaf.name + (count === undefined ? "" : `_${i}`),
      path: leaf.path === "" ? path : `${path}_${leaf.path}`,
      type: leaf.type,
      offset: start + i * element.bytes + leaf.offset,
    }));
  });
}

function parseNumberType(name: string, field?: string): NumberType {
  const [order, kind] = [name.charAt(0), name.slice(1)];
  const isHalf = kind === "f2";
  // NumPy's bool is a byte of 0 or 1.
  const type = isHalf ? "float32" : kind === "b1" ? "uint8" : findShort(kind);
  const orders = /1$/.test(kind) ? "|<>=" : "<>=";
  if (type !== undefined && order !== "" && orders.includes(order)) {
    const bytes = isHalf ? 2 : typeBytes(type);
    return { name, bytes, type, isBigEndian: order === ">", isHalf };
  }
  throw unsupported(
    `dtype ${quote(name)}` +
      (field === undefined ? "" : ` of field ${quote(field)}`),
  );
}

function findShort(kind: string): FieldType | undefined {
  return kind.length === 2 ? findType(kind) : undefined;
}

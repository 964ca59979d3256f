/** The entries of a structured dtype: name, type and shape of a field. */
import { XYZ } from "../field.ts";
import { MAX_COLUMNS } from "../names.ts";
import { malformed, quote, unsupported } from "./errors.ts";
import type { PythonLiteral } from "./python_literal.ts";

/** A field of a structured dtype as `descr` has it. */
export interface DtypeEntry {
  name: string;
  /** A number's type, or the fields of the field. */
  type: string | readonly PythonLiteral[];
  /** How many of them the field has, where it has a shape. */
  count?: number;
}

/** What the numbers of a field with a shape are called. */
const SUB_ARRAYS: readonly [names: RegExp, numbers: readonly string[]][] = [
  [/^(xyz|pos|position|point|coord|coords|coordinates)$/i, XYZ],
  [/^(rgb|color|colour|colors)$/i, ["red", "green", "blue"]],
  [/^(rgba|color|colour|colors)$/i, ["red", "green", "blue", "alpha"]],
  [/^(n|nxyz|normal|normals)$/i, ["normal_x", "normal_y", "normal_z"]],
];

/**
 * Takes an entry of `descr` apart.
 *
 * @throws {PointsError} `header` when it is none, `unsupported` for a shape of
 * too many numbers.
 */
export function parseEntry(entry: PythonLiteral): DtypeEntry {
  if (!Array.isArray(entry)) throw malformed();
  const [title, type, shape, ...rest] = entry as readonly PythonLiteral[];
  // A field with a title is named (title, name).
  const name = Array.isArray(title) ? title[1] : title;
  const isType = typeof type === "string" || Array.isArray(type);
  if (typeof name !== "string" || !isType || rest.length > 0) throw malformed();
  const named = { name, type: type as DtypeEntry["type"] };
  if (shape === undefined) return named;
  return { ...named, count: countOf(shape, name) };
}

/** Names the numbers of a field: `xyz` of three is x, y and z. */
export function subArrayNames(field: string, count?: number): string[] {
  if (count === undefined) return [field];
  const known = SUB_ARRAYS.find(([names, numbers]) =>
    names.test(field) && numbers.length === count
  );
  return known === undefined
    ? Array.from({ length: count }, (_, i) => `${field}_${i}`)
    : [...known[1]];
}

function countOf(shape: PythonLiteral, name: string): number {
  const sizes = Array.isArray(shape) ? shape : [shape];
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw malformed();
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count <= MAX_COLUMNS) return count;
  throw unsupported(
    `field ${quote(name)} of shape (${sizes.join(", ")}), expected at most ` +
      `${MAX_COLUMNS} numbers`,
  );
}

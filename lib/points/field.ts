/** The fields of a point: names, types, and where they lie. */
import { PointsError } from "./errors.ts";

/**
 * The types of a field, in the order of their numbers in ROS's PointField (1
 * to 8) and in Cloudini (1 to 10).
 */
export const FIELD_TYPES = [
  ...["int8", "uint8", "int16", "uint16", "int32", "uint32"] as const,
  ...["float32", "float64", "int64", "uint64"] as const,
] as const;

/** The type of a field: little-endian, as NumPy calls it. */
export type FieldType = typeof FIELD_TYPES[number];

/** A field's name and type. */
export interface NamedType {
  /** The name, unique in its cloud. */
  readonly name: string;
  /** The type of its value. */
  readonly type: FieldType;
}

/** One field of a point: one number of each. */
export interface PointField extends NamedType {
  /** Bytes from the start of a point to the value. */
  readonly offset: number;
}

/** The fields that every cloud has. */
export const XYZ: readonly string[] = ["x", "y", "z"];

const BYTES: Readonly<Record<FieldType, 1 | 2 | 4 | 8>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
};

/** NumPy's short names of the types. */
const SHORT_TYPES: Readonly<Record<string, FieldType>> = {
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  f4: "float32",
  f8: "float64",
  i8: "int64",
  u8: "uint64",
};

/** Returns how many bytes one value of a type takes. */
export function typeBytes(type: FieldType): 1 | 2 | 4 | 8 {
  return BYTES[type];
}

/** Finds a type by its name or NumPy's short one: `uint16`, `u2`. */
export function findType(name: string): FieldType | undefined {
  return FIELD_TYPES.find((type) => type === name) ??
    (Object.hasOwn(SHORT_TYPES, name) ? SHORT_TYPES[name] : undefined);
}

/** Tells whether a type is one of floating-point numbers. */
export function isFloat(type: FieldType): boolean {
  return type === "float32" || type === "float64";
}

/** Lays fields one after the other, without gaps. */
export function packFields(
  fields: readonly NamedType[],
): { fields: PointField[]; stride: number } {
  let stride = 0;
  const packed = fields.map(({ name, type }) => {
    const offset = stride;
    stride += BYTES[type];
    return { name, type, offset };
  });
  return { fields: packed, stride };
}

/** Tells whether fields lie one after the other without gaps, in order. */
export function arePacked(
  fields: readonly PointField[],
  stride: number,
): boolean {
  let end = 0;
  for (const { type, offset } of fields) {
    if (offset !== end) return false;
    end += BYTES[type];
  }
  return end === stride;
}

/** Tells whether two lists of fields are the same, in the same order. */
export function areSameFields(
  a: readonly PointField[],
  b: readonly PointField[],
): boolean {
  return a === b ||
    a.length === b.length &&
      a.every(({ name, type, offset }, i) =>
        name === b[i].name && type === b[i].type && offset === b[i].offset
      );
}

/**
 * Reads a list of fields as people write it: `x,y,z,ring:u2`. A field without a
 * type is float32.
 *
 * @throws {PointsError} `header` for a name that is empty or comes twice, or a
 * type that there isn't.
 */
export function parseFieldList(text: string): NamedType[] {
  const names = new Set<string>();
  return text.split(",").map((entry) => {
    const [name, short = "f4", ...rest] = entry.trim().split(":");
    const type = findType(short);
    if (name === "" || names.has(name) || rest.length > 0) {
      throw new PointsError(
        "header",
        `Cannot read the fields "${text}": expected names, each once, with ` +
          `or without a type: x,y,z,ring:u2`,
      );
    }
    if (type === undefined) {
      throw new PointsError(
        "header",
        `Cannot read the fields "${text}": ${name} is of type "${short}", ` +
          `expected one of ${Object.keys(SHORT_TYPES).join(" ")}`,
      );
    }
    names.add(name);
    return { name, type };
  });
}

/** Reads one value at a byte offset, which must be within the view. */
export type NumberReader = (view: DataView, offset: number) => number;

const READERS: Readonly<
  Record<FieldType, (little: boolean) => NumberReader>
> = {
  int8: () => (view, at) => view.getInt8(at),
  uint8: () => (view, at) => view.getUint8(at),
  int16: (little) => (view, at) => view.getInt16(at, little),
  uint16: (little) => (view, at) => view.getUint16(at, little),
  int32: (little) => (view, at) => view.getInt32(at, little),
  uint32: (little) => (view, at) => view.getUint32(at, little),
  float32: (little) => (view, at) => view.getFloat32(at, little),
  float64: (little) => (view, at) => view.getFloat64(at, little),
  int64: (little) => (view, at) => Number(view.getBigInt64(at, little)),
  uint64: (little) => (view, at) => Number(view.getBigUint64(at, little)),
};

/**
 * Returns what reads values of a type as numbers; those of 64-bit integers are
 * rounded to the nearest double.
 */
export function numberReader(
  type: FieldType,
  isLittleEndian = true,
): NumberReader {
  return READERS[type](isLittleEndian);
}

/** The types whose every value is a JavaScript number. */
export type NumberType = Exclude<FieldType, "int64" | "uint64">;

/** Writes one value at a byte offset, which must be within the view. */
export type NumberWriter = (
  view: DataView,
  offset: number,
  value: number,
) => void;

const WRITERS: Readonly<Record<NumberType, NumberWriter>> = {
  int8: (view, at, value) => view.setInt8(at, value),
  uint8: (view, at, value) => view.setUint8(at, value),
  int16: (view, at, value) => view.setInt16(at, value, true),
  uint16: (view, at, value) => view.setUint16(at, value, true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
  float32: (view, at, value) => view.setFloat32(at, value, true),
  float64: (view, at, value) => view.setFloat64(at, value, true),
};

/** Returns what writes values of a type, little-endian. */
export function numberWriter(type: NumberType): NumberWriter {
  return WRITERS[type];
}

/** The least and the largest of whole numbers. */
export interface WholeRange {
  min: number;
  max: number;
}

const RANGES: Readonly<Partial<Record<NumberType, WholeRange>>> = {
  int8: { min: -0x80, max: 0x7f },
  uint8: { min: 0, max: 0xff },
  int16: { min: -0x8000, max: 0x7fff },
  uint16: { min: 0, max: 0xffff },
  int32: { min: -0x80000000, max: 0x7fffffff },
  uint32: { min: 0, max: 0xffffffff },
};

/** Returns the whole numbers of an integer type; nothing for floats. */
export function wholeRange(type: NumberType): WholeRange | undefined {
  return RANGES[type];
}

/** Clouds and checks that the tests of the file formats share. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  column,
  createCloud,
  namesOf,
  pack,
  type PointCloud,
  pointCloud,
} from "../../lib/points/cloud.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../lib/points/errors.ts";
import {
  type FieldType,
  type NamedType,
  packFields,
  parseFieldList,
  type PointField,
  typeBytes,
} from "../../lib/points/field.ts";

/** 32 bits of anything, float32's edges among it: NaNs, zeros, denormals. */
const anyWord = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 0x80000000, 1, 0x807fffff, 0x7f7fffff, 0x7f800000),
  fc.constantFrom(0xff800000, 0x7fc00000, 0x7f800001, 0xffc01234),
);

function anyBytes(length: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const words = Math.ceil(length / 4);
  return fc.array(anyWord, { minLength: words, maxLength: words }).map((all) =>
    new Uint8Array(Uint32Array.from(all).buffer, 0, length)
  );
}

const FLOAT_NAMES = [["x", "y", "z"], ["x", "y", "z", "intensity"], [
  ...["x", "y", "z", "a", "b_0", "Ω"],
]];

/** Any cloud of up to 40 points of float32. */
export const anyFloatCloud: fc.Arbitrary<PointCloud> = fc.tuple(
  fc.constantFrom(...FLOAT_NAMES),
  fc.integer({ min: 0, max: 40 }),
).chain(([names, points]) =>
  anyBytes(points * names.length * 4)
    .map(({ buffer }) => pointCloud(new Float32Array(buffer), names))
);

const LAYOUTS = [
  ...["x,y,z", "x,y,z,intensity", "x:f8,y:f8,z:f8,a:u1"],
  ...["x,y,z,intensity,ring:u2,timestamp:f8", "z:i2,y:i2,id:u8,x:i2,t:i8"],
  ...["a:i1,b:u1,c:i2,d:u2,e:i4,f:u4,g:f4,h:f8,i_0:i8,Ω:u8,z:f8,y,x:i4"],
].map(parseFieldList);

/**
 * Any cloud of up to 40 points: fields of every type, in any order, in one row
 * or several.
 *
 * @param types those that a field may have; all where none are given.
 */
export function anyCloud(
  types?: readonly FieldType[],
): fc.Arbitrary<PointCloud> {
  return anyLayout(types).chain(({ fields, stride, width, height }) =>
    anyBytes(width * height * stride)
      .map((data) => createCloud({ fields, stride, height, data }))
  );
}

function anyLayout(types?: readonly FieldType[]) {
  const isWanted = ({ type }: NamedType) => types?.includes(type) ?? true;
  const layouts = LAYOUTS.filter((named) => named.every(isWanted));
  return fc.record({
    named: fc.constantFrom(...layouts),
    isPadded: fc.boolean(),
    width: fc.integer({ min: 0, max: 10 }),
    height: fc.integer({ min: 1, max: 4 }),
  }).map(({ named, isPadded, width, height }) => ({
    ...isPadded ? padFields(named) : packFields(named),
    width,
    height: width === 0 ? 1 : height,
  }));
}

/** Lays fields with a byte of padding before each, and some at the end. */
function padFields(
  named: readonly NamedType[],
): { fields: PointField[]; stride: number } {
  let end = 0;
  const fields = named.map(({ name, type }) => {
    const offset = end + 1;
    end = offset + typeBytes(type);
    return { name, type, offset };
  });
  return { fields, stride: end + 3 };
}

/** Writes one value of a type, little-endian. */
function writeValue(
  view: DataView,
  { type, offset }: Pick<PointField, "type" | "offset">,
  value: number | bigint,
): void {
  switch (type) {
    case "int64":
      return view.setBigInt64(offset, BigInt(value), true);
    case "uint64":
      return view.setBigUint64(offset, BigInt(value), true);
    case "float32":
      return view.setFloat32(offset, Number(value), true);
    case "float64":
      return view.setFloat64(offset, Number(value), true);
    default: {
      const bytes = typeBytes(type);
      for (let i = 0, rest = Number(value); i < bytes; i++) {
        view.setUint8(offset + i, rest & 0xff);
        rest = Math.floor(rest / 256);
      }
    }
  }
}

/**
 * Makes a cloud without padding.
 *
 * @param list the fields as `x,y,z,ring:u2`; float32 without a type.
 * @param rows the values of each point, in the order of the fields.
 */
export function typedCloud(
  list: string,
  rows: readonly (readonly (number | bigint)[])[],
  { height, viewpoint }: Pick<PointCloud, "viewpoint"> & { height?: number } =
    {},
): PointCloud {
  const { fields, stride } = packFields(parseFieldList(list));
  const data = new Uint8Array(rows.length * stride);
  rows.forEach((row, i) => {
    const view = new DataView(data.buffer, i * stride, stride);
    fields.forEach((field, j) => writeValue(view, field, row[j]));
  });
  return createCloud({ fields, stride, data, height, viewpoint });
}

/** Says a cloud's fields as {@linkcode typedCloud} takes them. */
export function fieldList({ fields }: Pick<PointCloud, "fields">): string {
  return fields.map(({ name, type }) => {
    const kind = type.startsWith("u") ? "u" : type[0];
    const short = `${kind}${typeBytes(type)}`;
    return short === "f4" ? name : `${name}:${short}`;
  }).join(",");
}

/** Returns the values of each point, in the order of the fields. */
export function rowsOf(cloud: PointCloud): (number | bigint)[][] {
  const columns = namesOf(cloud.fields).map((name) => column(cloud, name));
  return Array.from(
    { length: cloud.points },
    (_, i) => columns.map((values) => values[i]),
  );
}

/** Returns a cloud without its padding as words of 32 bits. */
export function bits(cloud: PointCloud): Uint32Array {
  const { data } = pack(cloud);
  return new Uint32Array(data.slice().buffer);
}

/** Checks that two clouds have the same fields, points and places. */
function assertSameShape(actual: PointCloud, expected: PointCloud): void {
  assertEquals(fieldList(actual), fieldList(expected));
  assertEquals(actual.points, expected.points);
  assertEquals([actual.width, actual.height], [
    expected.width,
    expected.height,
  ]);
  assertEquals(actual.viewpoint, expected.viewpoint);
}

/** Checks that two clouds are the same, bit for bit, but for padding. */
export function assertSameBits(actual: PointCloud, expected: PointCloud): void {
  assertSameShape(actual, expected);
  assertEquals(pack(actual).data.slice(), pack(expected).data.slice());
}

/** Checks that two clouds hold the same values, any NaN like another. */
export function assertSameValues(
  actual: PointCloud,
  expected: PointCloud,
): void {
  assertSameShape(actual, expected);
  for (const name of namesOf(expected.fields)) {
    const got = column(actual, name);
    const wanted = column(expected, name);
    for (let i = 0; i < wanted.length; i++) {
      const isSame = Object.is(got[i], wanted[i]);
      assert(isSame, `${name} of point ${i}: ${got[i]}, ${wanted[i]}`);
    }
  }
}

/** Checks that bytes are read as points or refused as they should be. */
export function decodesOrThrows(
  decode: (bytes: Uint8Array) => PointCloud,
  bytes: Uint8Array,
): void {
  let cloud;
  try {
    cloud = decode(bytes);
  } catch (error) {
    assert(error instanceof PointsError, `${error}`);
    return;
  }
  assertEquals(cloud.points, cloud.width * cloud.height);
  assertEquals(cloud.data.length, cloud.points * cloud.stride);
}

/** Cuts a file short everywhere, and changes some of its bytes. */
export function damage(
  decode: (bytes: Uint8Array) => PointCloud,
  file: Uint8Array,
): void {
  for (let length = 0; length < file.length; length++) {
    decodesOrThrows(decode, file.subarray(0, length));
  }
  const byte = fc.tuple(
    fc.nat(file.length - 1),
    fc.oneof(
      fc.nat(255),
      fc.constantFrom(0, 10, 13, 32, 45, 46, 48, 57, 95, 255),
    ),
  );
  const changes = fc.array(byte, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, (changed) => {
      const copy = file.slice();
      for (const [at, value] of changed) copy[at] = value;
      decodesOrThrows(decode, copy);
    }),
    { numRuns: 2000 },
  );
}

/** Checks that bytes are refused, for a reason and with words that tell it. */
export function assertRefused(
  decode: () => unknown,
  reason: PointsErrorReason,
  ...words: string[]
): void {
  const error = assertThrows(decode, PointsError, words[0]);
  assertEquals(error.reason, reason, error.message);
  for (const word of words) assert(error.message.includes(word), error.message);
}

/** Encodes a file's text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Joins texts and bytes. */
export function concat(
  ...parts: (string | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  const all = parts.map((part) => typeof part === "string" ? utf8(part) : part);
  const size = all.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Reads one of the small files, in tests/data/clouds. */
export function readSmall(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../data/clouds/${name}`, import.meta.url));
}

/** Reads a file beside the repository; undefined where it is absent. */
export function readShared(name: string): Uint8Array | undefined {
  return readBeside(`data/${name}`);
}

/** Reads one of the files as people have them, where it is there. */
export function readCase(name: string): Uint8Array | undefined {
  return readBeside(`cases/files/${name}`);
}

function readBeside(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(
      new URL(`../../../shared/${path}`, import.meta.url),
    );
  } catch {
    return undefined;
  }
}

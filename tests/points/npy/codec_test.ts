import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  column,
  namesOf,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { parseFieldList } from "../../../lib/points/field.ts";
import {
  PointsError,
  type PointsErrorReason,
} from "../../../lib/points/errors.ts";
import { decodeFile } from "../../../lib/points/formats.ts";
import { NpyDecoder } from "../../../lib/points/npy/decoder.ts";
import { NpyEncoder } from "../../../lib/points/npy/encoder.ts";
import {
  anyCloud,
  assertSameBits,
  damage,
  typedCloud,
} from "../file_clouds.ts";

/** Two points of six fields. */
const ROWS = [[0, 1, 2, -3.5, NaN, 1e-20], [6, 7.25, -8, 9e5, 10, 11]];

interface NpyParts {
  version?: [major: number, minor: number];
  descr?: string;
  order?: string;
  shape?: string;
  data?: Uint8Array;
}

/** Writes a `.npy` file as NEP 1 describes it. */
function npy(parts: NpyParts): Uint8Array {
  const { version = [1, 0], descr = "'<f4'", order = "False" } = parts;
  const { shape = "(2, 3)", data = new Uint8Array(24) } = parts;
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, ` +
    `'shape': ${shape}, }\n`;
  const encoded = version[0] === 3
    ? new TextEncoder().encode(text)
    : Uint8Array.from(text, (char) => char.charCodeAt(0));
  const length = version[0] === 1
    ? Uint16Array.of(encoded.length)
    : Uint32Array.of(encoded.length);
  return Uint8Array.of(
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version],
    ...new Uint8Array(length.buffer),
    ...encoded,
    ...data,
  );
}

/** How each type's numbers are written; the third argument is for the order. */
const WRITERS: Record<
  string,
  (view: DataView, value: number, little: boolean) => void
> = {
  f4: (view, value, little) => view.setFloat32(0, value, little),
  f8: (view, value, little) => view.setFloat64(0, value, little),
  i1: (view, value) => view.setInt8(0, value),
  i2: (view, value, little) => view.setInt16(0, value, little),
  i4: (view, value, little) => view.setInt32(0, value, little),
  i8: (view, value, little) => view.setBigInt64(0, BigInt(value), little),
  u1: (view, value) => view.setUint8(0, value),
  u2: (view, value, little) => view.setUint16(0, value, little),
  u4: (view, value, little) => view.setUint32(0, value, little),
  u8: (view, value, little) => view.setBigUint64(0, BigInt(value), little),
  b1: (view, value) => view.setUint8(0, value),
};

/** The bytes of a number of a NumPy type. */
function numberBytes(type: string, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(Number(type.slice(2))));
  WRITERS[type.slice(1)](view, value, type[0] !== ">");
  return new Uint8Array(view.buffer);
}

function concat(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): void {
  const error = assertThrows(
    () => new NpyDecoder().decode(bytes),
    PointsError,
    text,
  );
  assertEquals(error.reason, reason);
}

Deno.test("NpyDecoder reads floats of any size, order and shape", () => {
  const decoder = new NpyDecoder();
  const names = ["x", "y", "z", "c3", "c4", "c5"];
  for (const type of ["<f4", ">f4", "=f4", "<f8", ">f8"]) {
    for (const columns of [3, 4, 5, 6]) {
      const rows = ROWS.map((row) => row.slice(0, columns));
      const byColumn = rows[0].flatMap((_, i) => rows.map((row) => row[i]));
      for (const order of ["False", "True"]) {
        const numbers = order === "True" ? byColumn : rows.flat();
        const data = concat(numbers.map((value) => numberBytes(type, value)));
        const shape = `(2, ${columns})`;
        const cloud = decoder.decode(
          npy({ descr: `'${type}'`, order, shape, data }),
        );
        assertEquals(namesOf(cloud.fields), names.slice(0, columns));
        const { type: kind } = cloud.fields[0];
        assertEquals(kind, type.endsWith("4") ? "float32" : "float64");
        assertEquals(cloud.points, 2);
        assertEquals(toFloat32(cloud), Float32Array.from(rows.flat()));
      }
    }
  }
});

Deno.test("NpyDecoder reads versions 1.0, 2.0 and 3.0", () => {
  for (const major of [1, 2, 3]) {
    const cloud = new NpyDecoder().decode(npy({ version: [major, 0] }));
    assertEquals(cloud, pointCloud(new Float32Array(6)));
  }
  assertRefused(npy({ version: [4, 0] }), "unsupported", "version 4.0");
});

Deno.test("NpyDecoder reads named fields of any numeric type", () => {
  const fields: [string, string, number][] = [
    ["t", "<u8", 2 ** 40],
    ["z", ">f8", 3.5],
    ["", "|V3", 0],
    ["x", "<f4", -1.25],
    ["byte", "|i1", -128],
    ["ring", ">u2", 65535],
    ["y", "<i4", -70_000],
    ["ü", "<i8", -(2 ** 40)],
    ["on", "|b1", 1],
    ["level", "|u1", 255],
    ["big", ">i2", -2],
    ["word", "<u4", 2 ** 31],
    ["", "|V1", 0],
  ];
  const element = concat(
    fields.map(([name, type, value]) =>
      name === ""
        ? new Uint8Array(Number(type.slice(2)))
        : numberBytes(type, value)
    ),
  );
  const entries = fields.map(([name, type]) => `('${name}', '${type}')`);
  for (const major of [1, 2, 3]) {
    const cloud = new NpyDecoder().decode(npy({
      version: [major, 0],
      descr: `[${entries}]`,
      shape: "(3,)",
      data: concat([element, element, element]),
    }));
    const named = fields.filter(([name]) => name !== "");
    assertEquals(namesOf(cloud.fields), named.map(([name]) => name));
    assertEquals(cloud.points, 3);
    for (const [name, , value] of named) {
      const values = [...column(cloud, name)].map(Number);
      assertEquals(values, [value, value, value], name);
    }
    assertEquals(cloud.fields.map(({ type }) => type), [
      ...["uint64", "float64", "float32", "int8", "uint16", "int32"],
      ...["int64", "uint8", "uint8", "int16", "uint32"],
    ]);
  }
});

Deno.test("NpyDecoder reads fields with titles", () => {
  const descr = "[(('across', 'x'), '<f4'), ('y', '<f4'), ('z', '<f4')]";
  const cloud = new NpyDecoder().decode(npy({ descr, shape: "(2,)" }));
  assertEquals(namesOf(cloud.fields), ["x", "y", "z"]);
});

Deno.test("NpyDecoder gives a view where the values lie as a cloud's do", () => {
  const struct = "[('x', '<f4'), ('y', '<f4'), ('z', '<f4')]";
  for (const [descr, shape] of [["'<f4'", "(2, 3)"], [struct, "(2,)"]]) {
    for (let pad = 0; pad < 8; pad++) {
      const file = npy({ descr, shape });
      const bytes = new Uint8Array(file.length + pad);
      bytes.set(file, pad);
      const { data } = new NpyDecoder().decode(bytes.subarray(pad));
      assertStrictEquals(data.buffer, bytes.buffer);
    }
  }
});

Deno.test("NpyDecoder reads arrays of no points", () => {
  const data = new Uint8Array();
  const shapes = { "(0, 3)": "'<f4'", "(0, 4)": "'>f8'" };
  for (const [shape, descr] of Object.entries(shapes)) {
    assertEquals(
      new NpyDecoder().decode(npy({ descr, shape, data })).points,
      0,
    );
  }
});

Deno.test("NpyDecoder names what it doesn't read", () => {
  const xyz = "('x', '<f4'), ('y', '<f4'), ('z', '<f4')";
  const cases: [NpyParts, string][] = [
    [{ descr: "'|O'" }, '"|O"'],
    [{ descr: "'<c8'" }, '"<c8"'],
    [{ descr: "'<U5'" }, '"<U5"'],
    [{ descr: "'f4'" }, '"f4"'],
    [{ descr: "'|f4'" }, '"|f4"'],
    [{ descr: "'<constructor'" }, "constructor"],
    [{ shape: "()" }, "shape ()"],
    [{ shape: "(6,)" }, "shape (6)"],
    [{ shape: "(3, 2)" }, "shape (3, 2)"],
    [{ shape: "(3, 20)" }, "shape (3, 20) may be 3 points or 20"],
    [{ shape: "(1, 2, 1, 3)" }, "shape (1, 2, 1, 3)"],
    [{ descr: `[${xyz}]`, shape: "(2, 1, 1)" }, "of shape (2, 1, 1)"],
    [{ descr: "[('x', '<f4')]", shape: "(2,)" }, "without the field y"],
    [{ descr: "[]", shape: "(2,)" }, "without the field x"],
    [{ descr: `[${xyz}, ('o', '|O')]` }, '"|O" of field "o"'],
    [{ descr: `[${xyz}, ('v', '|V4')]` }, '"|V4" of field "v"'],
    [{ descr: `[${xyz}, ('', '|V9999999')]` }, "|V9999999"],
  ];
  for (const [parts, text] of cases) {
    assertRefused(npy(parts), "unsupported", text);
  }
});

Deno.test("NpyDecoder refuses headers that contradict themselves", () => {
  const cases: NpyParts[] = [
    { order: "0" },
    { shape: "3" },
    { shape: "(-1, 3)" },
    { shape: "(2, 3), 'more': 1" },
    { shape: "(True, 3)" },
    { shape: "(2, 'a')" },
    { shape: "(2, 3" },
    { descr: "1" },
    { descr: "None" },
    { descr: "['x']" },
    { descr: "[(1, '<f4')]" },
    { descr: "[('x',)]" },
    { descr: "{'x': '<f4'}" },
    {
      descr: "[('x','<f4'),('y','<f4'),('z','<f4'),('x','<f4')]",
      shape: "(0,)",
      data: new Uint8Array(),
    },
  ];
  for (const parts of cases) assertRefused(npy(parts), "header", "");
  const file = npy({});
  file[10] = 0xff;
  assertRefused(file, "header", "header of .npy");
});

Deno.test("NpyDecoder refuses data that the shape doesn't fit", () => {
  for (const length of [0, 1, 23, 25, 48]) {
    const data = new Uint8Array(length);
    assertRefused(npy({ data }), "length", `24 bytes, ${length} follow`);
  }
  const shapes = ["(4000000000, 3)", "(9007199254740991, 6)"];
  for (const shape of shapes) {
    for (const order of ["True", "False"]) {
      assertRefused(npy({ shape, order }), "length", "24 follow");
    }
  }
  assertRefused(npy({ shape: "(9007199254740992, 3)" }), "header", "");
});

Deno.test("NpyDecoder goes on after any size and any error", () => {
  const decoder = new NpyDecoder();
  for (const points of [5, 1, 1000, 0, 7]) {
    const numbers = Array.from({ length: points * 3 }, (_, i) => i * 1.5);
    const data = concat(numbers.map((value) => numberBytes(">f8", value)));
    const file = npy({ descr: "'>f8'", shape: `(${points}, 3)`, data });
    assertThrows(() => decoder.decode(file.subarray(0, -1)), PointsError);
    const cloud = decoder.decode(file);
    assertEquals(toFloat32(cloud), Float32Array.from(numbers));
  }
});

Deno.test("NpyEncoder writes what NumPy writes", () => {
  const cloud = pointCloud(Float32Array.of(1, 2, 3));
  const { codec, bytes } = new NpyEncoder().encode(cloud);
  assertEquals(codec, "npy");
  const header = "\x93NUMPY\x01\x00\x76\x00" +
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
  const file = Uint8Array.from(
    header.padEnd(127) + "\n\x00\x00\x80?\x00\x00\x00@\x00\x00@@",
    (char) => char.charCodeAt(0),
  );
  assertEquals(bytes, file);
});

Deno.test("NpyEncoder names fields that columns have no name for", () => {
  const encoder = new NpyEncoder();
  const decoder = new NpyDecoder();
  const cases: [string[], string][] = [
    [["x", "y", "z"], "'<f4'"],
    [["x", "y", "z", "intensity"], "('intensity', '<f4')]"],
    [["x", "y", "z", "ring"], "('ring', '<f4')]"],
    [["x", "y", "z", "it's", "é", "\\"], "('it\\'s', '<f4')"],
    [["x", "y", "z", "intensity", "c4", "c5", "c6"], "('c6', '<f4')]"],
  ];
  for (const [fields, text] of cases) {
    const values = Float32Array.from(
      { length: 4 * fields.length },
      (_, i) => i,
    );
    values[5] = NaN;
    const cloud = pointCloud(values, fields);
    const { bytes } = encoder.encode(cloud);
    assert(new TextDecoder("latin1").decode(bytes).includes(text), text);
    assertSameBits(decoder.decode(bytes), cloud);
  }
});

Deno.test("NpyEncoder aligns the values, so that decoding copies nothing", () => {
  for (const points of [0, 1, 10, 12_345_67]) {
    const cloud = pointCloud(new Float32Array(3 * points));
    const { bytes } = new NpyEncoder().encode(cloud);
    const { data } = new NpyDecoder().decode(bytes);
    assertEquals(data.length, 12 * points);
    assertStrictEquals(data.buffer, bytes.buffer);
    assertEquals(data.byteOffset % 4, 0);
  }
});

Deno.test("NpyEncoder refuses names that make a header too long", () => {
  const fields = Array.from({ length: 1000 }, (_, i) => `field${i}`);
  const cloud = pointCloud(new Float32Array(), ["x", "y", "z", ...fields]);
  const encode = () => new NpyEncoder().encode(cloud);
  assertEquals(assertThrows(encode, PointsError).reason, "too-large");
});

Deno.test("NpyDecoder reads rows of points, wide arrays and integers as they are", () => {
  const decode = (parts: NpyParts, names?: string[]) =>
    new NpyDecoder({ names }).decode(npy(parts));
  const numbers = Float32Array.from({ length: 42 }, (_, i) => i);
  const data = new Uint8Array(numbers.buffer);
  const picture = decode({ shape: "(2, 7, 3)", data });
  assertEquals([picture.width, picture.height], [7, 2]);
  assertEquals(toFloat32(picture), numbers);
  const wide = decode({ shape: "(7, 6)", data });
  assertEquals(namesOf(wide.fields), [..."xyz", "c3", "c4", "c5"]);
  const names = [..."xyz", "r", "g", "label"];
  assertEquals(namesOf(decode({ shape: "(7, 6)", data }, names).fields), names);
  const whole = decode({ descr: "'<i4'", shape: "(14, 3)", data });
  assertEquals(whole.fields.map(({ type }) => type), [
    ...["int32", "int32", "int32"],
  ]);
  assertStrictEquals(whole.data.buffer instanceof ArrayBuffer, true);
});

Deno.test("NpyDecoder reads halves as the floats that they are", () => {
  // 1, -2, 65504, 2^-24, Infinity, NaN.
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 1, 0x7c00, 0x7e00);
  const data = new Uint8Array(halves.buffer);
  const cloud = new NpyDecoder().decode(npy({ descr: "'<f2'", data }));
  assertEquals(
    toFloat32(cloud),
    Float32Array.of(1, -2, 65_504, 2 ** -24, Infinity, NaN),
  );
});

Deno.test("NpyDecoder names the values of sub-arrays", () => {
  const descr = "[('xyz', '<f4', (3,)), ('rgb', '|u1', (3,))]";
  const data = Uint8Array.of(
    ...new Uint8Array(Float32Array.of(1, 2, 3).buffer),
    ...[255, 128, 0],
  );
  const cloud = new NpyDecoder().decode(npy({ descr, shape: "(1,)", data }));
  const names = namesOf(cloud.fields);
  assertEquals(names.slice(0, 3), ["x", "y", "z"]);
  assertEquals(names.slice(3).map((name) => column(cloud, name)[0]), [
    ...[255, 128, 0],
  ]);
});

Deno.test("npy gives back any cloud as it was", () => {
  fc.assert(fc.property(anyCloud(), (cloud) => {
    const { bytes, shape } = new NpyEncoder().encode(cloud);
    const decoded = new NpyDecoder().decode(bytes);
    assertSameBits(decoded, cloud);
    const { data: _, ...same } = decoded;
    assertEquals(same, shape);
  }));
});

Deno.test("NpyDecoder reads damaged files or refuses them", () => {
  const clouds: PointCloud[] = [
    typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4], [5, 6, 7, 8]]),
    typedCloud("x,y,z", [[1, 2, 3], [5, 6, 7]]),
  ];
  for (const cloud of clouds) {
    const { bytes } = new NpyEncoder().encode(cloud);
    damage((file) => new NpyDecoder().decode(file), bytes.slice());
  }
});

Deno.test("decodeFile() names a plain array's columns as it is told", async () => {
  const numbers = Float32Array.from({ length: 12 }, (_, i) => i);
  const data = new Uint8Array(numbers.buffer);
  const fields = parseFieldList("x,y,z,intensity");
  const cloud = await decodeFile("a.npy", npy({ shape: "(3, 4)", data }), {
    fields,
  });
  assertEquals(namesOf(cloud.fields), ["x", "y", "z", "intensity"]);
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { pointCloud } from "../../../lib/points/cloud.ts";
import {
  decodePly,
  encodePly,
  type PlyFormat,
} from "../../../lib/points/ply/ply.ts";
import { FIELD_TYPES } from "../../../lib/points/field.ts";
import { testWith } from "../../support.ts";
import {
  anyCloud,
  anyFloatCloud,
  assertRefused,
  assertSameBits,
  assertSameValues,
  concat,
  damage,
  readSmall,
  rowsOf,
  typedCloud,
  utf8,
} from "../file_clouds.ts";

const FORMATS: PlyFormat[] = [
  "ascii",
  "binary_little_endian",
  "binary_big_endian",
];

const XYZ = ["property float x", "property float y", "property float z"];

/** Writes a header as Turk's description has it. */
function header(format: string, ...lines: string[]): string {
  return ["ply", `format ${format} 1.0`, ...lines, "end_header", ""].join("\n");
}

function floats(littleEndian: boolean, ...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => view.setFloat32(i * 4, value, littleEndian));
  return new Uint8Array(view.buffer);
}

Deno.test("decodePly() reads ascii", () => {
  const text = header("ascii", "element vertex 2", ...XYZ) +
    "1 -2.5 3e2\n0.1 nan -0\n";
  assertSameValues(
    decodePly(utf8(text)),
    pointCloud(Float32Array.of(1, -2.5, 300, 0.1, NaN, -0)),
  );
});

Deno.test("decodePly() reads comments, obj_info and CRLF", () => {
  const text = header(
    "ascii",
    "comment made by hand: element vertex 7",
    "obj_info num_cols 2",
    "element vertex 1",
    "comment",
    ...XYZ,
  ) + "1 2 3\n";
  for (const file of [text, text.replaceAll("\n", "\r\n")]) {
    assertEquals(rowsOf(decodePly(utf8(file))), [[1, 2, 3]]);
  }
});

Deno.test("decodePly() reads binary of either byte order", () => {
  for (const isLittle of [true, false]) {
    const format = isLittle ? "binary_little_endian" : "binary_big_endian";
    const file = concat(
      header(format, "element vertex 2", ...XYZ, "property float32 intensity"),
      floats(isLittle, 1, 2, 3, 0.5, -4, -5, -6, 1),
    );
    const rows = [[1, 2, 3, 0.5], [-4, -5, -6, 1]];
    assertSameBits(decodePly(file), typedCloud("x,y,z,intensity", rows));
  }
});

Deno.test("decodePly() reads binary after a header that ends in CRLF", () => {
  const text = header("binary_little_endian", "element vertex 1", ...XYZ);
  const file = concat(text.replaceAll("\n", "\r\n"), floats(true, 1, 2, 3));
  assertEquals(rowsOf(decodePly(file)), [[1, 2, 3]]);
});

const ALL_LIST = "p0:i1,p1:u1,p2:i2,p3:u2,p4:i4,p5:u4,p6,p7:f8," +
  "z:f8,y:f8,x:f8";

const ALL_VALUES = [
  ...[-128, 255, -32768, 65535, -65536, 4294967295, 0.5, 0.1, 3, 2, 1],
];

Deno.test("decodePly() keeps every type, by both of its names, and order", () => {
  const names = [
    ["char", "uchar", "short", "ushort", "int", "uint", "float", "double"],
    [
      ...["int8", "uint8", "int16", "uint16", "int32", "uint32"],
      ...["float32", "float64"],
    ],
  ];
  for (const types of names) {
    for (const isLittle of [true, false]) {
      const view = new DataView(new ArrayBuffer(50));
      view.setInt8(0, -128);
      view.setUint8(1, 255);
      view.setInt16(2, -32768, isLittle);
      view.setUint16(4, 65535, isLittle);
      view.setInt32(6, -65536, isLittle);
      view.setUint32(10, 4294967295, isLittle);
      view.setFloat32(14, 0.5, isLittle);
      view.setFloat64(18, 0.1, isLittle);
      view.setFloat64(26, 3, isLittle);
      view.setFloat64(34, 2, isLittle);
      view.setFloat64(42, 1, isLittle);
      const file = concat(
        header(
          isLittle ? "binary_little_endian" : "binary_big_endian",
          "element vertex 1",
          ...types.map((type, i) => `property ${type} p${i}`),
          ...["z", "y", "x"].map((name) => `property ${types[7]} ${name}`),
        ),
        new Uint8Array(view.buffer),
      );
      assertSameBits(decodePly(file), typedCloud(ALL_LIST, [ALL_VALUES]));
    }
  }
});

Deno.test("decodePly() skips elements before the vertices, ascii", () => {
  const text = header(
    "ascii",
    "element nothing 5",
    "element face 2",
    "property list uchar int vertex_indices",
    "element camera 1",
    "property float focal",
    "element vertex 1",
    ...XYZ,
    "element edge 1",
    "property int a",
  ) + "3 0 1 2\n\n4 0 1 2 3\n0.5\n7 8 9\n1\n";
  assertEquals(rowsOf(decodePly(utf8(text))), [[7, 8, 9]]);
});

Deno.test("decodePly() skips elements before the vertices, binary", () => {
  for (const isLittle of [true, false]) {
    const faces = new DataView(new ArrayBuffer(2 + 3 * 4 + 4 + 2 + 4));
    faces.setUint16(0, 3, isLittle);
    faces.setFloat32(14, 1.5, isLittle);
    faces.setUint16(18, 0, isLittle);
    const file = concat(
      header(
        isLittle ? "binary_little_endian" : "binary_big_endian",
        "element camera 2",
        "property double focal",
        "property uchar on",
        "element face 2",
        "property list ushort int vertex_indices",
        "property float quality",
        "element vertex 1",
        ...XYZ,
      ),
      new Uint8Array(18),
      new Uint8Array(faces.buffer),
      floats(isLittle, 7, 8, 9),
      "what follows",
    );
    assertEquals(rowsOf(decodePly(file)), [[7, 8, 9]]);
  }
});

testWith([], "decodePly() reads what PCL wrote", () => {
  const first = [[0, 0, 0, 0.5], [1.5, -2.25, 3.125, 1]];
  const small = [-0, 0.1, 0.2, 0.3];
  assertSameBits(
    decodePly(readSmall("face_ascii.ply")),
    typedCloud("x,y,z,intensity", [
      ...[...first, [1e-20, -123457, 16777200, 0.25], small],
    ]),
  );
  assertSameValues(
    decodePly(readSmall("camera_binary.ply")),
    typedCloud("x,y,z,intensity", [
      ...[...first, [NaN, NaN, NaN, 0]],
      ...[[1e-20, -123456.789, 16777216, 0.25], small],
    ]),
  );
});

Deno.test("encodePly() writes vertices, little-endian where not told otherwise", () => {
  const cloud = pointCloud(Float32Array.of(1, 2, 3, 4), ["x", "y", "z", "i"]);
  const lines = ["element vertex 1", ...XYZ, "property float i"];
  assertEquals(
    encodePly(cloud),
    concat(header("binary_little_endian", ...lines), floats(true, 1, 2, 3, 4)),
  );
  assertEquals(
    encodePly(cloud, { format: "binary_big_endian" }),
    concat(header("binary_big_endian", ...lines), floats(false, 1, 2, 3, 4)),
  );
  assertEquals(
    encodePly(cloud, { format: "ascii" }),
    utf8(`${header("ascii", ...lines)}1 2 3 4\n`),
  );
});

Deno.test("encodePly() writes a cloud that is a part of a larger buffer", () => {
  const values = Float32Array.of(9, 1, 2, 3, 9).subarray(1, 4);
  for (const format of FORMATS) {
    const back = decodePly(encodePly(pointCloud(values), { format }));
    assertEquals(rowsOf(back), [[1, 2, 3]]);
  }
  assertEquals([...values], [1, 2, 3]);
});

Deno.test("encodePly() refuses names that PLY can't hold", () => {
  for (const name of ["", "a b", "a\n"]) {
    const cloud = pointCloud(new Float32Array(4), ["x", "y", "z", name]);
    assertRefused(() => encodePly(cloud), "unsupported", JSON.stringify(name));
  }
});

/** The types that PLY has. */
const HELD = FIELD_TYPES.filter((type) => !type.endsWith("64")).concat(
  "float64",
);

Deno.test("PLY: any cloud comes back bit for bit from the binary forms", () => {
  fc.assert(fc.property(anyCloud(HELD), (cloud) => {
    for (const format of FORMATS.slice(1)) {
      assertSameBits(decodePly(encodePly(cloud, { format })), cloud);
    }
  }));
});

Deno.test("PLY: any cloud comes back value for value from ascii", () => {
  const any = fc.oneof(anyCloud(HELD), anyFloatCloud);
  fc.assert(fc.property(any, (cloud) => {
    assertSameValues(decodePly(encodePly(cloud, { format: "ascii" })), cloud);
  }));
});

Deno.test("PLY: a damaged file is read or refused, never worse", () => {
  const values = new Float32Array(24).map((_, i) => i / 8);
  const cloud = pointCloud(values, ["x", "y", "z", "i"]);
  const typed = typedCloud(ALL_LIST, [ALL_VALUES, ALL_VALUES]);
  for (const format of FORMATS) {
    damage(decodePly, encodePly(cloud, { format }));
    damage(decodePly, encodePly(typed, { format }));
  }
  const lists = (format: string) =>
    header(
      format,
      "element face 2",
      "property list uchar short vertex_indices",
      "property short s",
      "element vertex 1",
      ...XYZ,
    );
  damage(
    decodePly,
    concat(
      lists("binary_little_endian"),
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
      floats(true, 1, 2, 3),
    ),
  );
  damage(decodePly, utf8(`${lists("ascii")}1 0 0\n0 0\n1 2 3\n`));
});

Deno.test("decodePly() refuses what contradicts itself, and names the line", () => {
  const refused = (text: string, ...words: string[]) =>
    assertRefused(() => decodePly(utf8(text)), "header", ...words);
  refused("PLY\n", "line 1", "magic word ply");
  refused("plywood\n", "line 1", "got plywood");
  refused("ply\nformat ascii 1.0", "line 2", "byte 20", "newline");
  refused("ply\nproperty float x\n", "line 2", "expected an element");
  refused("ply\nelement vertex\n", "line 2", "got element vertex");
  refused("ply\nelement vertex many\n", "line 2", "got many");
  refused("ply\nelement vertex 1\nproperty x\n", "line 3", "got property x");
  refused("ply\nelement vertex 1\nend_header\n", "line 3", "expected a format");
  refused("ply\nvertices 1\n", "line 2", "got vertices");
  refused(header("ascii", "element face 0"), "line 4", "element vertex");
  refused(header("ascii", "element vertex 0"), "no field x", "got none");
  refused(
    header("ascii", "element vertex 1", "property list float int x"),
    "line 4",
    "length of a list, got float",
  );
});

Deno.test("decodePly() refuses what it doesn't read by name", () => {
  const refused = (text: string, ...words: string[]) =>
    assertRefused(() => decodePly(utf8(text)), "unsupported", ...words);
  refused(header("gzip"), "line 2", "format gzip 1.0");
  refused("ply\nformat ascii 2.0\n", "line 2", "format ascii 2.0");
  const half = "property half t";
  refused(header("ascii", "element vertex 1", half), "line 4", "type half");
});

Deno.test("decodePly() names the line or byte where points are missing", () => {
  const ascii = header("ascii", "element vertex 2", ...XYZ);
  const refused = (file: Uint8Array, ...words: string[]) =>
    assertRefused(() => decodePly(file), "length", ...words);
  refused(utf8(`${ascii}1 2 3\n44444 5\n`), "line 9", "2 numbers, expected 3");
  refused(utf8(`${ascii}1 2 3 4\n5 6 7\n`), "line 8", "more than 3 numbers");
  refused(utf8(`${ascii}111111 2 3333\n`), "line 9", "ends after 1 points");
  assertRefused(
    () => decodePly(utf8(`${ascii}1 2 3\n4 five 6\n`)),
    "text",
    "line 9",
    'got "five"',
  );
  const binary = header("binary_big_endian", "element vertex 2", ...XYZ);
  refused(
    concat(binary, new Uint8Array(23)),
    `24 bytes from byte ${binary.length}, 23 follow`,
  );
  assertRefused(() => decodePly(new Uint8Array(0)), "empty");
});

Deno.test("decodePly() names the byte of a list that can't be skipped", () => {
  const text = header(
    "binary_little_endian",
    "element face 1",
    "property list int int vertex_indices",
    "element vertex 1",
    ...XYZ,
  );
  const refused = (length: number, ...words: string[]) =>
    assertRefused(
      () =>
        decodePly(concat(text, new Uint8Array(Int32Array.of(length).buffer))),
      "length",
      ...words,
    );
  refused(-1, `list vertex_indices at byte ${text.length}`, "length of -1");
  refused(1, `element face from byte ${text.length}`, `${text.length + 4}`);
});

Deno.test("decodePly() allocates nothing for points that can't be there", () => {
  for (const format of FORMATS) {
    for (const count of [4_000_000_000, 999_999_999_999_999]) {
      const many = header(format, `element vertex ${count}`, ...XYZ);
      assertRefused(() => decodePly(utf8(`${many}1 2 3\n`)), "length");
      const before = header(
        format,
        `element face ${count}`,
        "property list uchar uchar vertex_indices",
        "element vertex 1",
        ...XYZ,
      );
      assertRefused(() => decodePly(utf8(`${before}1 2 3\n`)), "length");
    }
  }
});

Deno.test("PLY: a cloud without points", () => {
  const empty = typedCloud("x:f8,y:f8,z:f8,ring:u2", []);
  for (const format of FORMATS) {
    assertSameBits(decodePly(encodePly(empty, { format })), empty);
  }
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  namesOf,
  pointCloud,
  selectFields,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { decodePcd, encodePcd } from "../../../lib/points/pcd/pcd.ts";
import { COMPRESSED, compressed, FORMS, header, record } from "./support.ts";
import { testWith } from "../../support.ts";
import {
  anyCloud,
  anyFloatCloud,
  assertRefused,
  assertSameBits,
  assertSameValues,
  concat,
  damage,
  fieldList,
  readShared,
  readSmall,
  rowsOf,
  typedCloud,
  utf8,
} from "../file_clouds.ts";

Deno.test("decodePcd() reads ascii", () => {
  const cloud = decodePcd(utf8(`${header()}1 -2.5 3e2\n0.1 nan -0\n`));
  assertSameValues(
    cloud,
    pointCloud(Float32Array.of(1, -2.5, 300, 0.1, NaN, -0)),
  );
});

Deno.test("decodePcd() reads ascii with tabs, blank lines, CRLF and no last newline", () => {
  const text = `${header()}\n 1\t2  3 \n\n4 5 6`;
  for (const file of [text, text.replaceAll("\n", "\r\n")]) {
    assertEquals(rowsOf(decodePcd(utf8(file))), [[1, 2, 3], [4, 5, 6]]);
  }
});

Deno.test("decodePcd() reads version 0.5 as it was: COLUMNS, no SIZE, TYPE or COUNT", () => {
  const text = "# .PCD v.5 - Point Cloud Data file format\nVERSION .5\n" +
    "COLUMNS x y z i\nPOINTS 1\nDATA ascii\n1 2 3 4\n";
  const cloud = decodePcd(utf8(text));
  assertSameBits(cloud, typedCloud("x,y,z,i", [[1, 2, 3, 4]]));
});

Deno.test("decodePcd() reads version 0.6 without a VIEWPOINT, of two dimensions", () => {
  const text = "VERSION 0.6\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\n" +
    "COUNT 1 1 1\nWIDTH 1\nHEIGHT 2\nPOINTS 2\nDATA ascii\n1 2 3\n4 5 6\n";
  assertSameBits(
    decodePcd(utf8(text)),
    typedCloud("x,y,z", [[1, 2, 3], [4, 5, 6]], { height: 2 }),
  );
});

Deno.test("decodePcd() reads binary points as they are, and ignores what follows", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const file = concat(
    header({ fields: "x y z i", data: "binary" }),
    new Uint8Array(values.buffer),
    new Uint8Array(100),
  );
  assertSameBits(decodePcd(file), pointCloud(values, ["x", "y", "z", "i"]));
});

Deno.test("decodePcd() views the bytes of the binary form", () => {
  const file = concat(header({ data: "binary" }), new Uint8Array(30));
  const { data } = decodePcd(file);
  assertEquals(data.buffer, file.buffer);
  assertEquals(data.byteOffset, header({ data: "binary" }).length);
  assertEquals(data.length, 24);
});

const ALL_TYPES = {
  fields: "z a b c d _ e f g h x y",
  size: "8 1 1 2 2 1 4 4 8 8 4 8",
  type: "F I U I U U I U I U F F",
  count: "1 1 1 1 1 3 1 1 1 1 1 1",
  points: 1,
};

const ALL_LIST = "z:f8,a:i1,b:u1,c:i2,d:u2,e:i4,f:u4,g:i8,h:u8,x:f4,y:f8";

const ALL_VALUES = [
  ...[0.1, -128, 255, -32768, 65535, -2147483648, 4294967295],
  ...[-(2n ** 40n) - 1n, 2n ** 64n - 1n, 1.5, 1e300],
];

Deno.test("decodePcd() keeps every type and order, and leaves padding out", () => {
  const file = concat(
    header({ ...ALL_TYPES, data: "binary" }),
    record(53, (view) => {
      view.setFloat64(0, 0.1, true);
      view.setInt8(8, -128);
      view.setUint8(9, 255);
      view.setInt16(10, -32768, true);
      view.setUint16(12, 65535, true);
      view.setInt32(17, -2147483648, true);
      view.setUint32(21, 4294967295, true);
      view.setBigInt64(25, -(2n ** 40n) - 1n, true);
      view.setBigUint64(33, 2n ** 64n - 1n, true);
      view.setFloat32(41, 1.5, true);
      view.setFloat64(45, 1e300, true);
    }),
  );
  const cloud = decodePcd(file);
  assertSameBits(cloud, typedCloud(ALL_LIST, [ALL_VALUES]));
  assertEquals(cloud.stride, 53);
});

Deno.test("decodePcd() keeps every type in ascii, 64 bits exactly", () => {
  const text = "0.1 -128 255 -32768 65535 7 8 9 -2147483648 4294967295 " +
    "-1099511627777 18446744073709551615 1.5 1e300\n";
  assertSameBits(
    decodePcd(utf8(header(ALL_TYPES) + text)),
    typedCloud(ALL_LIST, [ALL_VALUES]),
  );
});

Deno.test("decodePcd() names the values of a field of COUNT above 1", () => {
  const text = header({
    fields: "n x _ y z",
    count: "2 1 2 1 1",
    points: 1,
  });
  assertSameBits(
    decodePcd(utf8(`${text}7 8 1 0 0 2 3\n`)),
    typedCloud("n_0,n_1,x,y,z", [[7, 8, 1, 2, 3]]),
  );
});

Deno.test("decodePcd() numbers names that come again", () => {
  const text = header({ fields: "x y z i i i_2 i x", points: 1 });
  assertEquals(
    fieldList(decodePcd(utf8(`${text}1 2 3 4 5 6 7 8\n`))),
    "x,y,z,i,i_3,i_2,i_4,x_2",
  );
});

Deno.test("decodePcd() reads binary_compressed, field by field", () => {
  const file = compressed([COMPRESSED.length, 24], COMPRESSED);
  assertEquals(rowsOf(decodePcd(file)), [[1, 1, 1], [2, 2, 2]]);
});

Deno.test("decodePcd() reads binary_compressed with its padding or without", () => {
  const without = compressed([13, 24], COMPRESSED, "x _ y z");
  assertEquals(rowsOf(decodePcd(without)), [[1, 1, 1], [2, 2, 2]]);
  const more = concat(COMPRESSED, Uint8Array.of(0xc0, 7));
  const padded = compressed([15, 32], more, "x _ y z");
  assertEquals(rowsOf(decodePcd(padded)), [[1, 1, 1], [2, 2, 2]]);
});

testWith([], "decodePcd() reads what PCL wrote, whichever form", () => {
  const [ascii, binary, packed] = FORMS.map((form) =>
    decodePcd(readSmall(`typed_${form}.pcd`))
  );
  assertSameBits(packed, binary);
  assertEquals(fieldList(ascii), fieldList(binary));
  // PCL's text has stamps to 8 digits only.
  const names = namesOf(ascii.fields).filter((name) => name !== "stamp");
  assertSameValues(selectFields(ascii, names), selectFields(binary, names));
  assertEquals(
    fieldList(binary),
    "x,y,z,intensity,ring:u2,label:i1,stamp:f8,normal_0,normal_1,normal_2," +
      "rgba:u4",
  );
  assertEquals([binary.width, binary.height], [4, 3]);
  const rows = rowsOf(binary);
  assertEquals(rows[1].slice(0, -1), [
    ...[-0.75, -1.5, 0.1, 0.1].map(Math.fround),
    ...[1001, -5, 1.7e9 + 0.1, 0, Math.fround(0.6), Math.fround(-0.8)],
  ]);
  assertEquals(rows[5].slice(0, 3), [NaN, NaN, NaN]);
});

const scan = readShared("lidar.pcd");

Deno.test({
  name: "decodePcd() reads a real scan" +
    (scan ? "" : " [skipped: ../shared/data/lidar.pcd is absent]"),
  ignore: scan === undefined,
  fn() {
    const cloud = decodePcd(scan!);
    assertEquals(cloud.points, 115385);
    assertEquals(fieldList(cloud), "x,y,z,intensity");
    assertEquals(cloud.data.buffer, scan!.buffer);
    const values = toFloat32(cloud);
    assertEquals(
      [...values.subarray(0, 4)],
      [18.324, 0.049, 0.829, 0].map(Math.fround),
    );
    assert(values.every((value) => Math.abs(value) < 74));
    for (const data of FORMS) {
      assertSameBits(decodePcd(encodePcd(cloud, { data })), cloud);
    }
  },
});

Deno.test("encodePcd() writes version 0.7, binary where not told otherwise", () => {
  const cloud = pointCloud(Float32Array.of(1, 2, 3, 4), ["x", "y", "z", "i"]);
  const expected = header({ fields: "x y z i", points: 1, data: "binary" });
  assertEquals(
    encodePcd(cloud),
    concat(expected, cloud.data),
  );
});

Deno.test("encodePcd() writes ascii as short as it reads back", () => {
  const values = Float32Array.of(0.1, -0, 16777217, NaN, 1e-20, Infinity);
  const text = new TextDecoder().decode(
    encodePcd(pointCloud(values), { data: "ascii" }),
  );
  assertEquals(text, `${header()}0.1 -0 16777216\nnan 1e-20 inf\n`);
});

Deno.test("encodePcd() writes a cloud that is a part of a larger buffer", () => {
  const values = Float32Array.of(9, 1, 2, 3, 9).subarray(1, 4);
  for (const data of FORMS) {
    const back = decodePcd(encodePcd(pointCloud(values), { data }));
    assertEquals(rowsOf(back), [[1, 2, 3]]);
  }
});

Deno.test("encodePcd() refuses names that PCD can't hold", () => {
  for (const name of ["_", "", "a b", "a\n"]) {
    const cloud = pointCloud(new Float32Array(4), ["x", "y", "z", name]);
    assertRefused(() => encodePcd(cloud), "unsupported", JSON.stringify(name));
  }
});

Deno.test("PCD: any cloud comes back bit for bit from the binary forms", () => {
  fc.assert(fc.property(anyCloud(), (cloud) => {
    for (const data of ["binary", "binary_compressed"] as const) {
      assertSameBits(decodePcd(encodePcd(cloud, { data })), cloud);
    }
  }));
});

Deno.test("PCD: any cloud comes back value for value from ascii", () => {
  const any = fc.oneof(anyCloud(), anyFloatCloud);
  fc.assert(fc.property(any, (cloud) => {
    assertSameValues(decodePcd(encodePcd(cloud, { data: "ascii" })), cloud);
  }));
});

Deno.test("PCD: a compressible cloud comes back from binary_compressed", () => {
  const values = new Float32Array(30000).map((_, i) => Math.floor(i / 100));
  const cloud = pointCloud(values);
  const file = encodePcd(cloud, { data: "binary_compressed" });
  assert(file.length < cloud.data.length / 10);
  assertSameBits(decodePcd(file), cloud);
});

Deno.test("PCD: a damaged file is read or refused, never worse", () => {
  const values = new Float32Array(24).map((_, i) => i / 8);
  const cloud = pointCloud(values, ["x", "y", "z", "i"]);
  const typed = typedCloud(ALL_LIST, [ALL_VALUES, ALL_VALUES]);
  for (const data of FORMS) {
    damage(decodePcd, encodePcd(cloud, { data }));
    damage(decodePcd, encodePcd(typed, { data }));
  }
});

testWith([], "PCD: a damaged file of PCL's is read or refused", () => {
  damage(decodePcd, readSmall("typed_binary_compressed.pcd"));
});

Deno.test("PCD: a cloud without points", () => {
  const empty = typedCloud("x:f8,y:f8,z:f8,ring:u2", []);
  for (const data of FORMS) {
    assertSameBits(decodePcd(encodePcd(empty, { data })), empty);
  }
});

Deno.test("PCD: rows and a viewpoint come back", () => {
  const rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];
  const cloud = typedCloud("x,y,z", rows, {
    height: 2,
    viewpoint: {
      translation: [10, 20.5, -30],
      rotation: [0, 0.6, 0, 0.8],
    },
  });
  for (const data of FORMS) {
    const file = encodePcd(cloud, { data });
    const text = new TextDecoder().decode(file);
    assert(text.includes("\nWIDTH 2\nHEIGHT 2\n"));
    assert(text.includes("\nVIEWPOINT 10 20.5 -30 0.8 0 0.6 0\n"));
    assertSameBits(decodePcd(file), cloud);
  }
});

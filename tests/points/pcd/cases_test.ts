/** PCD files as tools and people write them, and what PCL or Open3D read. */
import { assertEquals } from "@std/assert";
import { decodePcd } from "../../../lib/points/pcd/pcd.ts";
import type { PointsErrorReason } from "../../../lib/points/errors.ts";
import {
  assertRefused,
  assertSameValues,
  concat,
  decodesOrThrows,
  fieldList,
  readCase,
  rowsOf,
  typedCloud,
  utf8,
} from "../file_clouds.ts";

/** Writes a header of four fields, and what follows it. */
function file(
  [name, size, type, count = "1"]: string[],
  points: number,
  rows: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const data = typeof rows === "string" ? "ascii" : "binary";
  return concat(
    `VERSION 0.7\nFIELDS x y z ${name}\nSIZE 4 4 4 ${size}\n` +
      `TYPE F F F ${type}\nCOUNT 1 1 1 ${count}\nWIDTH ${points}\nHEIGHT 1\n` +
      `VIEWPOINT 0 0 0 1 0 0 0\nPOINTS ${points}\nDATA ${data}\n`,
    rows,
  );
}

Deno.test("PCD cases: colour in ascii is the bits of what its TYPE says", () => {
  const read = (type: string, size: string, word: string) => {
    const bytes = file(["rgb", size, type], 1, `1 2 3 ${word}\n`);
    const cloud = decodePcd(bytes);
    const { data, fields } = cloud;
    const view = new DataView(data.buffer, data.byteOffset);
    const word32 = view.getUint32(fields[3].offset, true);
    return `${fields[3].type} ${word32.toString(16)}`;
  };
  assertEquals(read("U", "4", "1193046"), "uint32 123456");
  assertEquals(read("U", "4", "4279383126"), "uint32 ff123456");
  assertEquals(read("U", "4", "-15584170"), "uint32 ff123456");
  assertEquals(read("U", "4", "1.19305e+06"), "uint32 12345a");
  assertEquals(read("I", "4", "-15584170"), "int32 ff123456");
  assertEquals(read("I", "4", "4279383126"), "int32 ff123456");
  assertEquals(read("F", "4", "1.6717e-39"), "float32 123405");
  assertEquals(read("F", "4", "4.2108e+06"), "float32 4a8080e0");
  assertEquals(read("F", "4", "16711680"), "float32 4b7f0000");
  assertEquals(read("F", "8", "2.3418e-38"), "float32 feffdb");
});

Deno.test("PCD cases: colour of a double is narrowed in binary too", () => {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setFloat64(12, 2.3418e-38, true);
  const cloud = decodePcd(file(["rgb", "8", "F"], 1, bytes));
  assertEquals(fieldList(cloud), "x,y,z,rgb");
  assertEquals(rowsOf(cloud)[0][3], Math.fround(2.3418e-38));
});

Deno.test("PCD cases: colour of three or four bytes is a field for each", () => {
  assertSameValues(
    decodePcd(file(["rgb", "1", "U", "3"], 1, "1 2 3 200 100 50\n")),
    typedCloud("x,y,z,r:u1,g:u1,b:u1", [[1, 2, 3, 200, 100, 50]]),
  );
  const bytes = concat(new Uint8Array(12), Uint8Array.of(1, 2, 3, 4));
  assertSameValues(
    decodePcd(file(["rgba", "1", "U", "4"], 1, bytes)),
    typedCloud("x,y,z,r:u1,g:u1,b:u1,a:u1", [[0, 0, 0, 1, 2, 3, 4]]),
  );
});

Deno.test("PCD cases: numbers of 64 bits are exact, stamps are doubles", () => {
  assertSameValues(
    decodePcd(file(["id", "8", "U"], 1, "1 2 3 9007199254740995\n")),
    typedCloud("x,y,z,id:u8", [[1, 2, 3, 9007199254740995n]]),
  );
  assertSameValues(
    decodePcd(file(["t", "8", "F"], 1, "1 2 3 1594044082.332956\n")),
    typedCloud("x,y,z,t:f8", [[1, 2, 3, 1594044082.332956]]),
  );
});

Deno.test("PCD cases: a truth value is a byte", () => {
  const bytes = concat(new Uint8Array(12), Uint8Array.of(1));
  assertSameValues(
    decodePcd(file(["valid", "1", "B"], 1, bytes)),
    typedCloud("x,y,z,valid:u1", [[0, 0, 0, 1]]),
  );
});

Deno.test("PCD cases: a field of COUNT 0 takes nothing", () => {
  const header = `VERSION 0.7\nFIELDS x y z _ t ring _\nSIZE 4 4 4 1 4 2 1\n` +
    "TYPE F F F U F U U\nCOUNT 1 1 1 0 1 1 10\nWIDTH 1\nHEIGHT 1\n" +
    "POINTS 1\n";
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  [1, 2, 3, 0.5].forEach((v, i) => view.setFloat32(i * 4, v, true));
  view.setUint16(16, 9, true);
  const expected = typedCloud("x,y,z,t,ring:u2", [[1, 2, 3, 0.5, 9]]);
  assertSameValues(
    decodePcd(concat(`${header}DATA binary\n`, bytes)),
    expected,
  );
  const row = `1 2 3 0.5 9${" 0".repeat(10)}\n`;
  assertSameValues(decodePcd(utf8(`${header}DATA ascii\n${row}`)), expected);
});

Deno.test("PCD cases: headers that are a little off are read", () => {
  const plain = new TextDecoder().decode(
    file(["i", "4", "F"], 2, "1 2 3 4\n5 6 7 8\n"),
  );
  const expected = typedCloud("x,y,z,i", [[1, 2, 3, 4], [5, 6, 7, 8]]);
  const variants = [
    plain.replace("TYPE F F F F", "TYPE f f f f"),
    plain.replace("VERSION 0.7", "VERSION .7"),
    plain.replace("VERSION 0.7", "VERSION 0.70"),
    plain.replace("HEIGHT 1", "HEIGHT 0"),
    plain.replace("WIDTH 2\nHEIGHT 1", "WIDTH 0\nHEIGHT 0"),
    plain.replace("WIDTH 2\nHEIGHT 1\n", ""),
    plain.replace("WIDTH 2", "WIDTH 2.0"),
    plain.replace("DATA", "METADATA made by hand\nDATA"),
    plain.replace("VIEWPOINT 0 0 0 1 0 0 0\n", ""),
    plain.replace("VIEWPOINT 0", "VIEWPOINT nan"),
    plain.replaceAll("\n", "\r\n"),
    plain.replaceAll("\n", "\r"),
    `\uFEFF${plain}`,
    `${plain}# the end\n`,
  ];
  for (const text of variants) {
    assertSameValues(decodePcd(utf8(text)), expected);
  }
});

Deno.test("PCD cases: no points, in any form", () => {
  for (const data of ["ascii", "binary", "binary_compressed"]) {
    const header = "VERSION 0.7\nFIELDS x y z\nSIZE 8 8 8\nTYPE F F F\n" +
      `COUNT 1 1 1\nWIDTH 0\nHEIGHT 1\nPOINTS 0\nDATA ${data}\n`;
    assertSameValues(decodePcd(utf8(header)), typedCloud("x:f8,y:f8,z:f8", []));
  }
});

Deno.test("PCD cases: what no number says is not a number", () => {
  const words = "1.#QNAN -nan(ind) -1.#IND 1.#INF\nNAN -nan +inf -Inf\n";
  assertSameValues(
    decodePcd(file(["i", "4", "F"], 2, words)),
    typedCloud("x,y,z,i", [
      [NaN, NaN, NaN, Infinity],
      [NaN, NaN, Infinity, -Infinity],
    ]),
  );
});

Deno.test("PCD cases: decimal commas, too few and too many are refused", () => {
  const refused = (rows: string, reason: PointsErrorReason, word: string) =>
    assertRefused(
      () => decodePcd(file(["i", "4", "F"], 2, rows)),
      reason,
      ...["line 11", word],
    );
  refused("1,5 2,5 3,5 4,5\n1 2 3 4\n", "text", '"1,5"');
  refused("1 2 3 4 5\n1 2 3 4 5\n", "length", "more than 4 numbers");
  refused("1 2 3 4\n", "length", "2 points of 4 numbers");
  refused("# said by hand\n1 2 3 4\n5 6 7 8\n", "text", '"#"');
});

/** What each of the files as people have them is read as. */
const CASES: Record<string, string> = {
  "bool_type.pcd": "x,y,z,valid:u1 2x1",
  "dupfields.pcd": "x,y,z,intensity,intensity_2 2x1",
  "hesai_ts.pcd": "x,y,z,intensity,timestamp:f8,ring:u2 50x1",
  "hex_u.pcd": "x,y,z,rgb:u4 1x1",
  "i8u8.pcd": "x,y,z,id:u8 2x1",
  "livox_refl.pcd": "x,y,z,reflectivity 2x1",
  "msvc_nan.pcd": "x,y,z 3x1",
  "o3d6924_lower_type.pcd": "x,y,z,timestamp:f8,intensity:u1,flags:u1," +
    "elongation:u1,scan_id:u2,scan_idx:u2,is_2nd_return:u1 1x1",
  "o3d_ascii.pcd": "x,y,z,normal_x,normal_y,normal_z,rgb 200x1",
  "o3d_bin.pcd": "x,y,z,normal_x,normal_y,normal_z,rgb 200x1",
  "o3d_xyzrgb.pcd": "x,y,z,rgb 200x1",
  "organized.pcd": "x,y,z,rgb 2x2",
  "ouster_t.pcd": "x,y,z,t:u4 50x1",
  "pcl4623_count0.pcd": "x,y,z,intensity,ring:u2 1x1",
  "rgb_count3.pcd": "x,y,z,r:u1,g:u1,b:u1 1x1",
  "rgb_f.pcd": "x,y,z,rgb 8x1",
  "rgb_f8.pcd": "x,y,z,rgb 1x1",
  "rgb_f_ascii.pcd": "x,y,z,rgb 2x1",
  "rgb_i.pcd": "x,y,z,rgb:i4 1x1",
  "rgb_three.pcd": "x,y,z,rgb:u4 3x1",
  "rgb_u_ascii.pcd": "x,y,z,rgb:u4 2x1",
  "utm_f64.pcd": "x:f8,y:f8,z:f8 100x1",
  "viewpoint.pcd": "x,y,z 2x1",
  "zero_comp.pcd": "x,y,z 0x1",
};

for (const [name, expected] of Object.entries(CASES)) {
  const bytes = readCase(name);
  Deno.test({
    name: `PCD cases: ${name}` +
      (bytes ? "" : " [skipped: ../shared/cases is absent]"),
    ignore: bytes === undefined,
    fn() {
      const cloud = decodePcd(bytes!);
      const { width, height } = cloud;
      assertEquals(`${fieldList(cloud)} ${width}x${height}`, expected);
      for (let length = 0; length < Math.min(bytes!.length, 400); length++) {
        decodesOrThrows(decodePcd, bytes!.subarray(0, length));
      }
    },
  });
}

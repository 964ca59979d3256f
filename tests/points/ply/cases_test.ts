/** PLY files as tools and people write them, and what Open3D or PCL read. */
import { assertEquals } from "@std/assert";
import {
  decodePly,
  encodePly,
  plyLosses,
} from "../../../lib/points/ply/ply.ts";
import {
  assertRefused,
  assertSameBits,
  assertSameValues,
  concat,
  damage,
  fieldList,
  readCase,
  typedCloud,
  utf8,
} from "../file_clouds.ts";

const XYZ = ["property float x", "property float y", "property float z"];

/** Writes a header that ends in two vertices with x, y, z and more. */
function header(format: string, ...more: string[]): string {
  const lines = ["element vertex 2", ...XYZ, ...more, "end_header", ""];
  return ["ply", `format ${format} 1.0`, ...lines].join("\n");
}

const TWO = typedCloud("x,y,z", [[1, 2, 3], [4, 5, 6]]);

Deno.test("PLY cases: a line may hold several vertices, a vertex take lines", () => {
  const rows = ["1 2 3 4 5 6\n", "1\n2\n3\n4 5 6", "1 2\n3\n\n4\n5 6\n"];
  for (const row of rows) {
    assertSameBits(decodePly(utf8(header("ascii") + row)), TWO);
  }
});

Deno.test("PLY cases: a vertex that takes a part of a line is refused", () => {
  const start = header("ascii");
  const refused = (rows: string, ...words: string[]) =>
    assertRefused(() => decodePly(utf8(start + rows)), "length", ...words);
  refused("1 2 3 4\n5 6 7\n", "line 8", "more than 3 numbers");
  refused("1 2\n3 4 5 6\n", "line 8", "2 numbers, expected 3");
  refused("1 2 3 4 5 6 7\n", "line 8", "more than 3 numbers");
  refused("1 2 3\n41 51 \n", "line 9", "2 numbers, expected 3");
});

Deno.test("PLY cases: lists among a vertex's properties are skipped", () => {
  const list = "property list uint float64 descriptor";
  const ascii = header("ascii", list, "property uchar label");
  const expected = typedCloud("x,y,z,label:u1", [[1, 2, 3, 7], [4, 5, 6, 8]]);
  const text = utf8(`${ascii}1 2 3 2 0.5 0.6 7\n4 5 6 0 8\n`);
  assertSameBits(decodePly(text), expected);
  damage(decodePly, text);
  for (const isLittle of [true, false]) {
    const bytes = new DataView(new ArrayBuffer(17 + 16 + 17));
    [1, 2, 3].forEach((v, i) => bytes.setFloat32(i * 4, v, isLittle));
    bytes.setUint32(12, 2, isLittle);
    bytes.setUint8(32, 7);
    [4, 5, 6].forEach((v, i) => bytes.setFloat32(33 + i * 4, v, isLittle));
    bytes.setUint8(49, 8);
    const format = isLittle ? "binary_little_endian" : "binary_big_endian";
    const start = header(format, list, "property uchar label");
    const file = concat(start, new Uint8Array(bytes.buffer));
    assertSameBits(decodePly(file), expected);
    damage(decodePly, file);
    const many = start.replace("vertex 2", "vertex 4000000000");
    assertRefused(() => decodePly(utf8(many)), "length", "4000000000");
  }
});

Deno.test("PLY cases: lines may end in CR alone, and begin with a mark", () => {
  const text = `${header("ascii")}1 2 3\n4 5 6\n`;
  const texts = [text.replaceAll("\n", "\r"), `\uFEFF${text}`];
  for (const file of [...texts, text.replace("ply\n", "ply \n")]) {
    assertSameBits(decodePly(utf8(file)), TWO);
  }
});

Deno.test("PLY cases: the first byte of binary may be a newline", () => {
  const floats = Float32Array.of(1, 2, 3, 4, 5, 6);
  new DataView(floats.buffer).setUint8(0, 0x0a);
  const body = new Uint8Array(floats.buffer);
  const start = header("binary_little_endian");
  for (const text of [start, start.replaceAll("\n", "\r")]) {
    assertEquals(decodePly(concat(text, body)).data.slice(), body);
  }
});

Deno.test("PLY cases: a name that comes again gets a number", () => {
  const twice = ["property float a", "property uchar a"];
  const text = `${header("ascii", ...twice)}1 2 3 4 5\n4 5 6 7 8\n`;
  assertEquals(fieldList(decodePly(utf8(text))), "x,y,z,a,a_2:u1");
});

Deno.test("PLY cases: 64-bit integers are read exactly", () => {
  const types = ["property int64 id", "property uint64 t"];
  const rows = "1 2 3 -9007199254740995 18446744073709551615\n4 5 6 7 8\n";
  assertSameBits(
    decodePly(utf8(header("ascii", ...types) + rows)),
    typedCloud("x,y,z,id:i8,t:u8", [
      [1, 2, 3, -9007199254740995n, 18446744073709551615n],
      [4, 5, 6, 7, 8],
    ]),
  );
});

Deno.test("PLY cases: a colour is bytes, and one that is no byte is refused", () => {
  const rgb = ["red", "green", "blue"].map((name) => `property uchar ${name}`);
  const start = header("ascii", ...rgb);
  assertSameBits(
    decodePly(utf8(`${start}1 2 3 255 0 9\n4 5 6 0 128 1\n`)),
    typedCloud("x,y,z,red:u1,green:u1,blue:u1", [
      [1, 2, 3, 255, 0, 9],
      [4, 5, 6, 0, 128, 1],
    ]),
  );
  assertRefused(
    () => decodePly(utf8(`${start}1 2 3 255 0 256\n4 5 6 0 128 1\n`)),
    "text",
    "line 11",
    'uint8, got "256"',
  );
});

Deno.test("PLY cases: a grid's rows are the cloud's where they fit", () => {
  const rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];
  const cloud = typedCloud("x,y,z", rows, { height: 2 });
  for (const format of ["ascii", "binary_big_endian"] as const) {
    assertSameBits(decodePly(encodePly(cloud, { format })), cloud);
  }
  const grid = "element vertex 2\nobj_info num_cols 2\nobj_info num_rows 2";
  const text = header("ascii").replace("element vertex 2", grid);
  assertSameBits(decodePly(utf8(`${text}1 2 3\n4 5 6\n`)), TWO);
});

Deno.test("plyLosses() names a viewpoint", () => {
  assertEquals(plyLosses(TWO), []);
  const viewpoint = {
    translation: [1, 2, 3],
    rotation: [0, 0, 0, 1],
  } as const;
  const [loss] = plyLosses({ ...TWO, viewpoint });
  assertEquals(loss, "PLY has no viewpoint: the cloud's is left out");
});

/** What each of the files as people have them is read as. */
const CASES: Record<string, string> = {
  "bom.ply": "x,y,z 1x1",
  "color.ply": "x,y,z,red:u1,green:u1,blue:u1 4x1",
  "cr_only.ply": "x,y,z 2x1",
  "facesfirst.ply": "x,y,z 3x1",
  "listvertex.ply": "x,y,z 2x1",
  "multiline.ply": "x,y,z 2x1",
  "ply_be.ply": "x:f8,y:f8,z:f8,intensity:u2 2x1",
  "ply_doubles_uchar.ply": "x:f8,y:f8,z:f8,red:u1,green:u1,blue:u1," +
    "scalar_Intensity,nx,ny,nz 1x1",
  "ply_dup.ply": "x,y,z,intensity,intensity_2 1x1",
  "ply_i64.ply": "x,y,z,id:i8 1x1",
  "rangegrid.ply": "x,y,z 2x1",
  "utm_f64.ply": "x:f8,y:f8,z:f8 100x1",
  "zero.ply": "x,y,z 0x1",
};

for (const [name, expected] of Object.entries(CASES)) {
  const bytes = readCase(name);
  Deno.test({
    name: `PLY cases: ${name}` +
      (bytes ? "" : " [skipped: ../shared/cases is absent]"),
    ignore: bytes === undefined,
    fn() {
      const cloud = decodePly(bytes!);
      const { width, height } = cloud;
      assertEquals(`${fieldList(cloud)} ${width}x${height}`, expected);
      for (const format of ["ascii", "binary_little_endian"] as const) {
        const kept = decodePly(encodePly(cloud, { format }));
        const doubled = fieldList(cloud).replace(/:i8/, ":f8");
        assertEquals(fieldList(kept), doubled);
        if (doubled === fieldList(cloud)) assertSameValues(kept, cloud);
      }
    },
  });
}

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  PointsError,
  type PointsErrorReason,
} from "../../lib/points/errors.ts";
import { encodeF32 } from "../../lib/points/f32.ts";
import { decodeNpy, isNpy } from "../../lib/points/npy.ts";

const VALUES = Float32Array.of(0, 1, 2, -3.5, 4e-20, 5e20);

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

interface NpyOptions {
  version?: [major: number, minor: number];
  header?: string;
  /** Length that the file claims for its header. */
  headerLength?: number;
  data?: Uint8Array;
  /** What the total length of everything before the data is padded to. */
  align?: number;
}

function dict(parts: { descr?: string; order?: string; shape?: string } = {}) {
  const { descr = "'<f4'", order = "False", shape = "(2, 3)" } = parts;
  return `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

/** Writes a `.npy` file as NEP 1 describes it. */
function npy(options: NpyOptions = {}): Uint8Array {
  const { version = [1, 0], data = encodeF32(VALUES), align = 64 } = options;
  const start = version[0] === 1 ? 10 : 12;
  const text = new TextEncoder().encode(options.header ?? dict());
  const length = Math.ceil((start + text.length + 1) / align) * align - start;
  const bytes = new Uint8Array(start + length + data.length).fill(0x20);
  bytes.set([...MAGIC, ...version]);
  const view = new DataView(bytes.buffer);
  const claimed = options.headerLength ?? length;
  if (start === 10) view.setUint16(8, claimed, true);
  else view.setUint32(8, claimed, true);
  bytes.set(text, start);
  bytes[start + length - 1] = 0x0a;
  bytes.set(data, start + length);
  return bytes;
}

function assertRefused(
  bytes: Uint8Array,
  reason: PointsErrorReason,
  text: string,
): void {
  const error = assertThrows(() => decodeNpy(bytes), PointsError, text);
  assertEquals(error.reason, reason);
}

Deno.test("decodeNpy() reads files as NumPy 1.24 writes them", () => {
  const starts = ["\x01\x00\x76\x00", "\x02\x00t\x00\x00\x00"];
  starts.push(starts[1].replace("\x02", "\x03"));
  for (const start of starts) {
    const header = "\x93NUMPY" + start +
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
    const file = Uint8Array.from(
      header.padEnd(127) + "\n\x00\x00\x80?\x00\x00\x00@\x00\x00@@",
      (char) => char.charCodeAt(0),
    );
    assertEquals(decodeNpy(file), Float32Array.of(1, 2, 3));
  }
});

Deno.test("decodeNpy() reads versions 1.0, 2.0 and 3.0", () => {
  for (const major of [1, 2, 3]) {
    assertEquals(decodeNpy(npy({ version: [major, 0] })), VALUES);
  }
});

Deno.test("decodeNpy() gives a view where the values are aligned", () => {
  const bytes = npy();
  assertStrictEquals(decodeNpy(bytes).buffer, bytes.buffer);
});

Deno.test("decodeNpy() reads files at any offset and of any alignment", () => {
  for (let offset = 0; offset < 8; offset++) {
    for (const align of [1, 2, 3, 16, 64]) {
      const file = npy({ align });
      const buffer = new Uint8Array(offset + file.length);
      buffer.set(file, offset);
      assertEquals(decodeNpy(buffer.subarray(offset)), VALUES);
    }
  }
});

Deno.test("decodeNpy() reads a header in any order and spacing", () => {
  const headers = [
    "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}",
    "{ 'descr' : '<f4' , 'shape' : ( 2 , 3 , ) , 'fortran_order' : False }",
  ];
  for (const header of headers) {
    assertEquals(decodeNpy(npy({ header })), VALUES);
  }
});

Deno.test("decodeNpy() reads an array of no points", () => {
  const header = dict({ shape: "(0, 3)" });
  const data = new Uint8Array(0);
  assertEquals(decodeNpy(npy({ header, data })).length, 0);
});

Deno.test("decodeNpy() names each dtype that it doesn't read", () => {
  const types = {
    "'<f8'": "dtype <f8",
    "'>f4'": "dtype >f4",
    "'|u1'": "dtype |u1",
    "'<f2'": "dtype <f2",
    "[('x', '<f4'), ('y', '<f4'), ('z', '<f4')]": "dtype with fields",
  };
  for (const [descr, text] of Object.entries(types)) {
    assertRefused(npy({ header: dict({ descr }) }), "unsupported", text);
  }
});

Deno.test("decodeNpy() refuses Fortran order", () => {
  const header = dict({ order: "True" });
  assertRefused(npy({ header }), "unsupported", "Fortran order");
});

Deno.test("decodeNpy() refuses shapes that are not (N, 3)", () => {
  const shapes = [
    "()",
    "(6,)",
    "(2,)",
    "(3,)",
    "(3, 2)",
    "(1, 2, 3)",
    "(2, 3, 1)",
    "(-2, 3)",
    "(x, 3)",
    "(, 3)",
    "(2 3)",
    "(1e0, 3)",
    "(0x2, 3)",
    "(2L, 3)",
  ];
  for (const shape of shapes) {
    const header = dict({ shape });
    assertRefused(npy({ header }), "unsupported", `shape ${shape}`);
  }
});

Deno.test("decodeNpy() refuses parts of points, however they are aligned", () => {
  for (const shape of ["(1.5, 3)", "(0.25, 3)", "(1.25, 3)", "(.5, 3)"]) {
    const bytes = Number(/[\d.]+/.exec(shape)![0]) * 12;
    for (const align of [1, 2, 3, 4]) {
      const data = new Uint8Array(bytes);
      const file = npy({ header: dict({ shape }), data, align });
      assertRefused(file, "unsupported", `shape ${shape}`);
    }
  }
});

Deno.test("decodeNpy() refuses data that the shape doesn't fit", () => {
  const lengths = [0, 1, 12, 23, 25, 36];
  for (const length of lengths) {
    assertRefused(
      npy({ data: new Uint8Array(length) }),
      "length",
      `shape (2, 3) needs 24 bytes, ${length} follow the header`,
    );
  }
  for (const points of ["1000000000", "9".repeat(30), "9".repeat(400)]) {
    const header = dict({ shape: `(${points}, 3)` });
    assertRefused(npy({ header }), "length", "24 follow the header");
  }
});

Deno.test("decodeNpy() refuses what has no magic string", () => {
  const other = npy();
  other[5] = 0x5a;
  for (const bytes of [new Uint8Array(0), new Uint8Array(128), other]) {
    assertRefused(bytes, "header", "no magic string");
  }
});

Deno.test("decodeNpy() refuses other versions", () => {
  for (const [major, minor] of [[0, 1], [4, 0], [255, 255]]) {
    assertRefused(
      npy({ version: [major, minor] }),
      "unsupported",
      `version ${major}.${minor}`,
    );
  }
});

Deno.test("decodeNpy() refuses a file cut off anywhere", () => {
  for (const version of [[1, 0], [2, 0]] as [number, number][]) {
    const file = npy({ version });
    for (let length = 0; length < file.length; length++) {
      const error = assertThrows(
        () => decodeNpy(file.subarray(0, length)),
        PointsError,
      );
      const inData = length >= file.length - 24;
      assertEquals(error.reason, inData ? "length" : "header");
    }
  }
});

Deno.test("decodeNpy() refuses a header longer than the file", () => {
  for (const version of [[1, 0], [3, 0]] as [number, number][]) {
    const claim = version[0] === 1 ? 0xffff : 0xffffffff;
    const file = npy({ version, headerLength: claim });
    assertRefused(file, "header", `a header of ${claim} bytes in a file`);
  }
});

Deno.test("decodeNpy() refuses a header that lacks a key", () => {
  const headers = [
    "",
    "{}",
    "{'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<f4', 'shape': (2, 3), }",
    "{'descr': '<f4', 'fortran_order': False, }",
    "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
  ];
  for (const header of headers) {
    assertRefused(npy({ header }), "header", "names no descr");
  }
});

Deno.test("decodeNpy() refuses a header that NumPy would not read either", () => {
  // What takes a regular expression a minute to find no end in.
  const header = "'shape':(".repeat(30_000);
  const file = npy({ version: [2, 0], header });
  assertRefused(file, "unsupported", "expected at most 10000");
});

Deno.test("isNpy() tells files from raw points", () => {
  assertEquals(isNpy(npy()), true);
  assertEquals(isNpy(npy().subarray(0, 6)), true);
  assertEquals(isNpy(npy().subarray(0, 5)), false);
  assertEquals(isNpy(new Uint8Array(0)), false);
  assertEquals(isNpy(encodeF32(VALUES)), false);
});

import { assertEquals, assertThrows } from "@std/assert";
import { PointsError } from "../../lib/points/errors.ts";
import {
  arePacked,
  FIELD_TYPES,
  findType,
  numberReader,
  packFields,
  parseFieldList,
  typeBytes,
} from "../../lib/points/field.ts";

Deno.test("FIELD_TYPES are in the order of ROS's and Cloudini's numbers", () => {
  const numbers = FIELD_TYPES.map((type, i) => [i + 1, type, typeBytes(type)]);
  assertEquals(numbers, [
    [1, "int8", 1],
    [2, "uint8", 1],
    [3, "int16", 2],
    [4, "uint16", 2],
    [5, "int32", 4],
    [6, "uint32", 4],
    [7, "float32", 4],
    [8, "float64", 8],
    [9, "int64", 8],
    [10, "uint64", 8],
  ]);
});

Deno.test("findType() knows long and short names", () => {
  assertEquals(findType("uint16"), "uint16");
  assertEquals(findType("u2"), "uint16");
  assertEquals(findType("f8"), "float64");
  for (const name of ["", "f2", "toString", "U2", "float16"]) {
    assertEquals(findType(name), undefined, name);
  }
});

Deno.test("parseFieldList() reads names with and without types", () => {
  assertEquals(parseFieldList("x, y:f8 ,z,ring:uint16"), [
    { name: "x", type: "float32" },
    { name: "y", type: "float64" },
    { name: "z", type: "float32" },
    { name: "ring", type: "uint16" },
  ]);
  for (const text of ["", "x,,z", "x,y,x", "x:f4:u2", "x:f3", "x:"]) {
    assertThrows(() => parseFieldList(text), PointsError, "Cannot read");
  }
});

Deno.test("packFields() leaves no gaps, and arePacked() finds them", () => {
  const { fields, stride } = packFields(parseFieldList("x,a:u1,y:f8,z:i2"));
  assertEquals([fields.map(({ offset }) => offset), stride], [
    [0, 4, 5, 13],
    15,
  ]);
  assertEquals(arePacked(fields, stride), true);
  assertEquals(arePacked(fields, stride + 1), false);
  assertEquals(arePacked(fields.toReversed(), stride), false);
  assertEquals(arePacked(fields.slice(1), stride), false);
});

Deno.test("numberReader() reads each type, of both byte orders", () => {
  const bytes = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  const view = new DataView(bytes.buffer);
  const read = (isLittle: boolean) =>
    Object.fromEntries(
      FIELD_TYPES.map((type) => [type, numberReader(type, isLittle)(view, 0)]),
    );
  assertEquals(read(true), {
    int8: -2,
    uint8: 254,
    int16: -2,
    uint16: 65_534,
    int32: -2,
    uint32: 2 ** 32 - 2,
    float32: NaN,
    float64: NaN,
    int64: -2,
    uint64: 2 ** 64,
  });
  assertEquals(read(false).uint16, 0xfeff);
  assertEquals(read(false).int32, 0xfeffffff - 2 ** 32);
  view.setFloat64(0, 1 / 3, true);
  assertEquals(read(true).float64, 1 / 3);
});

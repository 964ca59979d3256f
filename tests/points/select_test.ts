import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { namesOf, pointCloud, toFloat32 } from "../../lib/points/cloud.ts";
import { select } from "../../lib/points/select.ts";
import { anyCloud, rowsOf } from "./file_clouds.ts";

const LINE = pointCloud(
  Float32Array.from({ length: 40 }, (_, i) => i % 4 === 3 ? 7 : i >> 2),
  ["x", "y", "z", "intensity"],
);

Deno.test("select() of nothing in particular gives the cloud itself", () => {
  assertStrictEquals(select(LINE, {}), LINE);
  const all = { fields: ["intensity"], every: 1, box: around(-1, 10) };
  assertStrictEquals(select(LINE, all), LINE);
});

Deno.test("select() keeps what is in the box, its faces included", () => {
  const inside = select(LINE, { box: around(2, 4) });
  const rows = [2, 2, 2, 7, 3, 3, 3, 7, 4, 4, 4, 7];
  assertEquals([...toFloat32(inside)], rows);
  assertEquals(select(LINE, { box: around(2.1, 2.9) }).points, 0);
  const lost = pointCloud(new Float32Array([NaN, 0, 0, 0, NaN, 0, 0, 0, 0]));
  assertEquals(select(lost, { box: around(-1, 1) }).points, 1);
});

Deno.test("select() takes every so-manyth point of those in the box", () => {
  const some = select(LINE, { box: around(2, 7), every: 3 });
  assertEquals([...toFloat32(some, ["x"])], [2, 5]);
});

Deno.test("select() gives fields in the cloud's order, and x, y, z", () => {
  const names = (fields: string[]) => namesOf(select(LINE, { fields }).fields);
  assertEquals(names([]), ["x", "y", "z"]);
  assertEquals(names(["constructor", "x"]), ["x", "y", "z"]);
  assertEquals(names(["intensity", "z"]), ["x", "y", "z", "intensity"]);
});

Deno.test("select() keeps every bit of any cloud, aligned or not", () => {
  fc.assert(
    fc.property(anyCloud(), fc.nat(3), fc.double(), (cloud, shift, edge) => {
      const bytes = new Uint8Array(cloud.data.length + shift);
      bytes.set(cloud.data, shift);
      const moved = { ...cloud, data: bytes.subarray(shift) };
      const { min } = around(-Infinity, Infinity);
      const max = [edge, Infinity, Infinity] as const;
      const x = namesOf(cloud.fields).indexOf("x");
      const isPlace = (row: (number | bigint)[]) =>
        row[x] <= edge && !row.some((value) => Number.isNaN(value));
      const inside = rowsOf(select(moved, { box: { min, max } }));
      assertEquals(inside.filter(isPlace), rowsOf(cloud).filter(isPlace));
      assertEquals(inside.filter((row) => !(row[x] <= edge)), []);
    }),
  );
});

/** A box from one value to another, in x, y and z. */
function around(least: number, most: number) {
  const corner = (value: number) => [value, value, value] as const;
  return { min: corner(least), max: corner(most) };
}

import { assertEquals } from "@std/assert";
import {
  describeDistance,
  type PickedPoint,
  rowsOf,
} from "../../lib/viewer/picked_rows.ts";

function pointAt(x: number, names: string[], color?: string): PickedPoint {
  return {
    index: 1234,
    frame: 7,
    place: [x, 0, 0],
    color,
    values: names.map((name) => ({ name, type: "uint8", text: `${name}!` })),
  };
}

Deno.test("two points are listed side by side, whatever fields each has", () => {
  const rows = rowsOf([pointAt(1, ["a", "b"], "#010203"), pointAt(2, ["c"])]);
  assertEquals(rows.map(({ name, values }) => [name, ...values]), [
    ["point", "1,234", "1,234"],
    ["frame", "7", "7"],
    ["x", "1.000", "2.000"],
    ["y", "0.000", "0.000"],
    ["z", "0.000", "0.000"],
    ["colour", "#010203", undefined],
    ["a", "a!", undefined],
    ["b", "b!", undefined],
    ["c", undefined, "c!"],
  ]);
});

Deno.test("a distance is told to the millimetre, with its way", () => {
  assertEquals(
    describeDistance(pointAt(500_000, []), pointAt(499_998.5, [])),
    "1.500 m apart (−1.500, 0.000, 0.000)",
  );
});

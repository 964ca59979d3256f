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
    stream: undefined,
    stands: [x, 0, 0],
    root: undefined,
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

Deno.test("of several streams each point says whose it is, and where it stands", () => {
  const front = pointAt(1, []);
  const rows = rowsOf([
    { ...front, stream: "front", root: "base_link", stands: [3, 0, 0.5] },
    { ...pointAt(2, []), stream: "rear" },
  ]);
  assertEquals(
    rows.filter(({ name }) => name !== "frame" && name !== "point")
      .map(({ name, values }) => [name, ...values]),
    [
      ["stream", "front", "rear"],
      ["x", "1.000", "2.000"],
      ["y", "0.000", "0.000"],
      ["z", "0.000", "0.000"],
      ["x in base_link", "3.000", undefined],
      ["y in base_link", "0.000", undefined],
      ["z in base_link", "0.500", undefined],
    ],
  );
});

Deno.test("a distance is told to the millimetre, with its way", () => {
  assertEquals(
    describeDistance(pointAt(500_000, []), pointAt(499_998.5, [])),
    "1.500 m apart (−1.500, 0.000, 0.000)",
  );
});

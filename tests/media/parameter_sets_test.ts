import { assertEquals } from "@std/assert";
import { nalUnits } from "../../lib/media/annex_b.ts";
import { ParameterSets } from "../../lib/media/parameter_sets.ts";

/** Units by their types, with something in each. */
function annexB(...units: [type: number, body: number][]): Uint8Array {
  return Uint8Array.from(
    units.flatMap(([type, body]) => [0, 0, 0, 1, type, body]),
  );
}

function unitsOf(bytes: Uint8Array): number[][] {
  return [...nalUnits(bytes)].map((unit) => [...unit]);
}

Deno.test("ParameterSets puts what came beside the stream before an IDR", () => {
  const sets = new ParameterSets("H264", annexB([7, 1], [8, 2]));
  const key = sets.complete(annexB([5, 9]));
  assertEquals(unitsOf(key.bytes), [[7, 1], [8, 2], [5, 9]]);
  assertEquals(key.isKey, true);
  const other = sets.complete(annexB([1, 9]));
  assertEquals(unitsOf(other.bytes), [[1, 9]]);
  assertEquals(other.isKey, false);
});

Deno.test("ParameterSets prefers the newest, and keeps those of other types", () => {
  const sets = new ParameterSets("H264", annexB([7, 1], [8, 2]));
  // A camera that changes its size says so before a keyframe, once.
  sets.complete(annexB([7, 3], [5, 9]));
  assertEquals(unitsOf(sets.complete(annexB([5, 9])).bytes), [
    ...[[7, 3], [8, 2], [5, 9]],
  ]);
  const own = annexB([7, 4], [8, 5], [5, 9]);
  assertEquals(sets.complete(own).bytes, own);
  assertEquals([...sets.sps!], [7, 4]);
});

Deno.test("ParameterSets reads an avcC and lengths", () => {
  const avcC = Uint8Array.of(
    ...[1, 66, 0, 30, 0xff, 0xe1, 0, 2, 7, 1, 1, 0, 2, 8, 2],
  );
  const sets = new ParameterSets("H264", avcC);
  const sized = Uint8Array.of(0, 0, 0, 2, 6, 3, 0, 0, 0, 2, 5, 9);
  assertEquals(unitsOf(sets.complete(sized).bytes), [
    ...[[7, 1], [8, 2], [6, 3], [5, 9]],
  ]);
});

Deno.test("ParameterSets takes records and lengths that end too early", () => {
  const avcC = [1, 66, 0, 30, 0xff, 0xe1, 0, 2, 7, 1, 1, 0, 2, 8, 2];
  for (let length = 0; length < avcC.length; length++) {
    const sets = new ParameterSets(
      "H264",
      Uint8Array.from(avcC.slice(0, length)),
    );
    sets.complete(Uint8Array.of(0, 0, 0, 200, 5, 9));
    sets.complete(new Uint8Array(0));
  }
});

Deno.test("ParameterSets knows those of H.265, and an hvcC", () => {
  const head = new Uint8Array(23);
  [head[0], head[21], head[22]] = [1, 3, 3];
  const arrays = [32, 33, 34].flatMap((type) => [
    ...[type, 0, 1, 0, 3, type << 1, 1, type],
  ]);
  const sets = new ParameterSets("H265", Uint8Array.of(...head, ...arrays));
  const idr = Uint8Array.of(0, 0, 0, 3, 19 << 1, 1, 9);
  const { bytes, isKey } = sets.complete(idr);
  assertEquals(unitsOf(bytes).map(([header]) => header >> 1), [32, 33, 34, 19]);
  assertEquals(isKey, true);
});

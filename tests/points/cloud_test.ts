import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  areSameLayouts,
  column,
  createCloud,
  namesOf,
  pack,
  pointCloud,
  selectFields,
  toFloat32,
  viewFloat32,
} from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { arePacked, packFields } from "../../lib/points/field.ts";
import { anyCloud, assertSameBits, rowsOf, typedCloud } from "./file_clouds.ts";

const LIDAR = typedCloud("x,y,z,intensity,ring:u2,timestamp:f8", [
  [1, 2, 3, 0.5, 7, 1.7e9 + 1e-7],
  [4, 5, 6, 0.25, 65_535, -0],
]);

Deno.test("pointCloud() views float32 values as they are", () => {
  const values = Float32Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8).subarray(1);
  const cloud = pointCloud(values, ["x", "y", "z", "t"]);
  assertEquals([cloud.points, cloud.width, cloud.height], [2, 2, 1]);
  assertEquals([cloud.stride, cloud.data.byteOffset], [16, 4]);
  assertStrictEquals(cloud.data.buffer, values.buffer);
  assertStrictEquals(viewFloat32(cloud)!.buffer, values.buffer);
  assertEquals(viewFloat32(cloud), values);
});

Deno.test("pointCloud() and createCloud() refuse what is no cloud", () => {
  const xyz = packFields(LIDAR.fields.slice(0, 3));
  const data = new Uint8Array(24);
  const refusals: [run: () => unknown, reason: string, words: string][] = [
    [() => pointCloud(new Float32Array(4)), "length", "4 values are not whole"],
    [() => pointCloud(new Float32Array(4), ["x", "y"]), "header", "x, y"],
    [() => pointCloud(new Float32Array(4), ["x", "y", "z", "x"]), "header", ""],
    [() => createCloud({ ...xyz, data: new Uint8Array(13) }), "length", "13"],
    [() => createCloud({ ...xyz, data, height: 4 }), "length", "4 rows"],
    [() => createCloud({ ...xyz, data, stride: 8 }), "header", "Field z lies"],
  ];
  for (const [run, reason, words] of refusals) {
    const error = assertThrows(run, PointsError, words);
    assertEquals(error.reason, reason);
  }
});

Deno.test("A cloud may have no points, and rows", () => {
  const { fields, stride } = LIDAR;
  const data = new Uint8Array();
  const empty = createCloud({ fields, stride, data, height: 3 });
  assertEquals([empty.points, empty.width, empty.height], [0, 0, 3]);
  const rows = createCloud({ ...LIDAR, height: 2 });
  assertEquals([rows.points, rows.width, rows.height], [2, 1, 2]);
});

Deno.test("viewFloat32() views nothing that isn't plain float32", () => {
  assertEquals(viewFloat32(LIDAR), undefined);
  const plain = pointCloud(new Float32Array(6));
  assert(viewFloat32(plain) !== undefined);
  const unaligned = new Uint8Array(25).subarray(1);
  assertEquals(viewFloat32({ ...plain, data: unaligned }), undefined);
  const padded = createCloud({ ...plain, stride: 24 });
  assertEquals(viewFloat32(padded), undefined);
});

Deno.test("column() gives each field in its type, bit for bit", () => {
  assertEquals(column(LIDAR, "ring"), Uint16Array.of(7, 65_535));
  assertEquals(
    column(LIDAR, "timestamp"),
    Float64Array.of(1.7e9 + 1e-7, -0),
  );
  assertEquals(column(LIDAR, "x"), Float32Array.of(1, 4));
  const error = assertThrows(() => column(LIDAR, "rgb"), PointsError);
  assertEquals(
    error.message,
    "The cloud has no field rgb; it has x, y, z, intensity, ring, timestamp",
  );
  const wide = typedCloud("x,y,z,id:u8,t:i8", [
    [0, 0, 0, 0xffff_ffff_ffff_fffen, -5n],
  ]);
  assertEquals(
    column(wide, "id"),
    BigUint64Array.of(0xffff_ffff_ffff_fffen),
  );
  assertEquals(column(wide, "t"), BigInt64Array.of(-5n));
});

Deno.test("toFloat32() gives the fields asked for, a view where it can", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  assertStrictEquals(toFloat32(pointCloud(values)).buffer, values.buffer);
  assertEquals(
    toFloat32(LIDAR, ["ring", "x"]),
    Float32Array.of(7, 1, 65535, 4),
  );
  assertEquals(toFloat32(LIDAR).length, 12);
});

Deno.test("selectFields() moves fields, whatever their types", () => {
  fc.assert(fc.property(anyCloud(), fc.boolean(), (cloud, isReversed) => {
    const names = namesOf(cloud.fields);
    const wanted = isReversed ? names.toReversed() : names;
    const selected = selectFields(cloud, wanted);
    assertEquals(namesOf(selected.fields), wanted);
    assert(arePacked(selected.fields, selected.stride));
    assertEquals([selected.width, selected.height], [
      cloud.width,
      cloud.height,
    ]);
    const rows = rowsOf(cloud);
    assertEquals(
      rowsOf(selected),
      isReversed ? rows.map((row) => row.toReversed()) : rows,
    );
  }));
});

Deno.test("selectFields() returns a cloud that is just that already", () => {
  const names = namesOf(LIDAR.fields);
  assertStrictEquals(selectFields(LIDAR, names), LIDAR);
  assertNotStrictEquals(selectFields(LIDAR, names.toReversed()), LIDAR);
  assertThrows(() => selectFields(LIDAR, ["x", "y", "z", "rgb"]), PointsError);
});

Deno.test("pack() takes padding out, and nothing else", () => {
  fc.assert(fc.property(anyCloud(), (cloud) => {
    const packed = pack(cloud);
    assert(arePacked(packed.fields, packed.stride));
    assertSameBits(packed, cloud);
  }));
  assertStrictEquals(pack(LIDAR), LIDAR);
});

Deno.test("areSameLayouts() looks at fields, stride, rows and viewpoint", () => {
  const viewpoint = {
    translation: [0, 0, 1] as const,
    rotation: [0, 0, 0, 1] as const,
  };
  const seen = { ...LIDAR, viewpoint };
  assert(areSameLayouts(seen, structuredClone(seen)));
  const moved = { ...viewpoint, translation: [0, 0, 2] as const };
  const [x, ...others] = LIDAR.fields;
  for (
    const other of [
      LIDAR,
      { ...seen, height: 2 },
      { ...seen, stride: 32 },
      { ...seen, viewpoint: moved },
      { ...seen, fields: others },
      { ...seen, fields: [{ ...x, name: "u" }, ...others] },
      { ...seen, fields: [{ ...x, type: "int32" as const }, ...others] },
    ]
  ) {
    assert(!areSameLayouts(seen, other));
    assert(!areSameLayouts(other, seen));
  }
});

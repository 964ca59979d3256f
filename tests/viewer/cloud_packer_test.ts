import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import * as fc from "fast-check";
import {
  createCloud,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../lib/points/cloud.ts";
import {
  FIELD_TYPES,
  numberReader,
  packFields,
  typeBytes,
} from "../../lib/points/field.ts";
import {
  CloudPacker,
  type PackedCloud,
} from "../../lib/viewer/cloud_packer.ts";
import { CloudBuffers } from "../../lib/viewer/cloud_buffers.ts";
import { copyNumbers } from "../../lib/viewer/copy_numbers.ts";
import { makeCloud } from "./make_cloud.ts";

function pack(cloud: PointCloud, choice?: string): PackedCloud {
  const packer = new CloudPacker();
  packer.choice = choice;
  return packer.pack(cloud);
}

function positionsOf({ positions, points }: PackedCloud): number[] {
  return [...positions.subarray(0, points * 3)];
}

function valuesOf({ coloring, points }: PackedCloud): number[] {
  assert(coloring.kind === "scalar" || coloring.kind === "category");
  return [...coloring.values.subarray(0, points)];
}

function colorsOf({ coloring, points }: PackedCloud): number[] {
  assert(coloring.kind === "rgb");
  return [...coloring.colors.subarray(0, points * 4)];
}

Deno.test("positions are x, y, z, wherever they are and of whatever type", () => {
  for (
    const fields of [
      "x,y,z",
      "x,y,z,intensity,ring:u2",
      "x,y,z,intensity",
      "time:u1,x,y,z",
      "x:f8,y:f8,z:f8",
      "z:i2,y:f8,x",
      "a:u1,x:f8,y:f8,z:f8",
    ]
  ) {
    const cloud = makeCloud(
      fields,
      10_000,
      (name, i) => i % 100 + "xyz".indexOf(name),
    );
    const packed = pack(cloud);
    assertEquals(packed.coloring.kind, "height", fields);
    assertEquals(
      positionsOf(packed),
      [...toFloat32(cloud, ["x", "y", "z"])],
      fields,
    );
  }
});

Deno.test("a cloud that starts anywhere in memory is packed alike", () => {
  const cloud = makeCloud("x,y,z,rgb", 5, (_, i) => i + 0.5);
  const expected = pack(cloud);
  for (const shift of [1, 2, 4, 7]) {
    const bytes = new Uint8Array(cloud.data.length + shift);
    const data = bytes.subarray(shift);
    data.set(cloud.data);
    const packed = pack({ ...cloud, data });
    assertEquals(positionsOf(packed), positionsOf(expected));
    assertEquals(colorsOf(packed), colorsOf(expected));
  }
});

Deno.test("far coordinates are packed from an origin, to the millimetre", () => {
  const at = [500_012.125, 5_400_034.004, 312.001];
  const cloud = makeCloud(
    "x:f8,y:f8,z:f8",
    2,
    (name, i) => at["xyz".indexOf(name)] + i / 1000,
  );
  const packed = pack(cloud);
  assertEquals(packed.origin, [500_000, 5_400_000, 300]);
  positionsOf(packed).forEach((value, i) => {
    const axis = i % 3;
    const expected = at[axis] - packed.origin[axis] + Math.floor(i / 3) / 1000;
    assertAlmostEquals(value, expected, 1e-5);
  });
});

Deno.test("an origin is kept from cloud to cloud until the next stream", () => {
  const packer = new CloudPacker();
  const makeAt = (x: number) =>
    makeCloud("x:f8,y:f8,z:f8", 3, (name) => name === "x" ? x : 0);
  assertEquals(packer.pack(makeAt(500_040)).origin, [500_000, 0, 0]);
  assertEquals(packer.pack(makeAt(500_160)).origin, [500_000, 0, 0]);
  packer.reset();
  assertEquals(packer.pack(makeAt(500_160)).origin, [500_200, 0, 0]);
});

Deno.test("colour is red, green, blue, 255, however it is written", () => {
  const expected = [0x12, 0xab, 0xff, 255];
  const values: Record<string, number> = { red: 0x12, green: 0xab, blue: 0xff };
  const of = (fields: string, valueOf: (name: string) => number) =>
    colorsOf(pack(makeCloud(fields, 1, valueOf)));
  const bits = (name: string) => name.startsWith("rgb") ? 0x0012abff : 0;
  assertEquals(of("x,y,z,rgb:u4", bits), expected);
  assertEquals(of("x,y,z,rgba:u4", bits), expected);
  assertEquals(of("x,y,z,a:u1,rgb:u4", bits), expected);
  const bytes = (name: string) => values[name] ?? 0;
  assertEquals(of("red:u1,green:u1,blue:u1,x,y,z", bytes), expected);
  assertEquals(of("x,y,z,red,green,blue", bytes), expected);
  assertEquals(of("x,y,z,red:u2,green:u2,blue:u2", bytes), expected);
  const wide = (name: string) => bytes(name) * 257;
  assertEquals(of("x,y,z,red:u2,green:u2,blue:u2", wide), expected);
  const shares = (name: string) => bytes(name) / 255;
  assertEquals(of("x,y,z,red,green,blue", shares), expected);
});

Deno.test("a field is packed by name, whole numbers with a colour each", () => {
  const cloud = makeCloud(
    "x,y,z,intensity:u1,ring:u2,range",
    10_000,
    (name, i) => name === "ring" ? i % 7 : i % 200,
  );
  const ring = pack(cloud, "field:ring");
  assert(ring.coloring.kind === "category");
  assertEquals(valuesOf(ring), Array.from({ length: 10_000 }, (_, i) => i % 7));
  assertEquals(ring.coloring.categories.length, 7);
  const intensity = pack(cloud, "field:intensity");
  assert(intensity.coloring.kind === "scalar");
  assertEquals(intensity.coloring.base, 0);
  assertEquals(valuesOf(intensity).slice(0, 3), [0, 1, 2]);
});

Deno.test("labels of every type have the colours of their values", () => {
  for (const type of ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4"]) {
    const cloud = makeCloud(`x,y,z,label:${type}`, 40, (_, i) => i % 5 + 40);
    const packed = pack(cloud, "field:label");
    assert(packed.coloring.kind === "category", type);
    const { categories } = packed.coloring;
    assertEquals(categories.map(({ value }) => value), [40, 41, 42, 43, 44]);
    assertEquals(
      valuesOf(packed),
      Array.from({ length: 40 }, (_, i) => categories[i % 5].slot),
      type,
    );
  }
});

Deno.test("times of 64 bits are told apart, from a base", () => {
  const start = 1_700_000_000_123_456_789n;
  const nanoseconds = makeCloud(
    "x,y,z,t:u8",
    1000,
    (name, i) => name === "t" ? start + BigInt(i) * 100_000n : 0,
  );
  const seconds = makeCloud(
    "x,y,z,t:f8",
    1000,
    (name, i) => name === "t" ? 1.7e9 + i * 1e-4 : 0,
  );
  for (const cloud of [nanoseconds, seconds]) {
    const packed = pack(cloud, "field:t");
    assert(packed.coloring.kind === "scalar");
    const values = valuesOf(packed);
    assertEquals(new Set(values).size, 1000);
    assertEquals(values.toSorted((a, b) => a - b), values);
    const { range, base } = packed.coloring;
    assertAlmostEquals(values[20] - (range!.low - base), 0, values[999] / 100);
  }
});

Deno.test("numbers of every type are copied, less the base", () => {
  const value = fc.double({ noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.constantFrom(...FIELD_TYPES),
      fc.array(value, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: -1000, max: 1000 }),
      (type, seeds, padding, base) => {
        const stride = 12 + typeBytes(type) + padding;
        const { fields } = packFields([
          { name: "x", type: "float32" },
          { name: "y", type: "float32" },
          { name: "z", type: "float32" },
          { name: "value", type },
        ]);
        const data = new Uint8Array(stride * seeds.length);
        const view = new DataView(data.buffer);
        for (const [i, seed] of seeds.entries()) {
          const wide = new Uint8Array(Float64Array.of(seed).buffer);
          const bytes = wide.subarray(0, typeBytes(type));
          data.set(bytes, i * stride + 12);
        }
        const cloud = createCloud({ fields, stride, data });
        const target = new Float32Array(seeds.length);
        copyNumbers(cloud, fields[3], { target, start: 0, step: 1, base });
        const read = numberReader(type);
        target.forEach((copied, i) => {
          const expected = read(view, i * stride + 12) - base;
          if (type.endsWith("int64")) {
            assertAlmostEquals(copied, expected, Math.abs(expected) * 1e-6 + 1);
          } else assertEquals(copied, Math.fround(expected));
        });
      },
    ),
  );
});

Deno.test("a cloud without points has none, in every colour", () => {
  const cloud = makeCloud("x,y,z,rgb,label:u1", 0, () => 0);
  for (const choice of ["rgb", "height", "field:label"]) {
    const packed = pack(cloud, choice);
    assertEquals(packed.points, 0);
    assertEquals(packed.ranges, undefined);
  }
});

Deno.test("buffers are used again, and grow by doubling", () => {
  const packer = new CloudPacker();
  const small = packer.pack(pointCloud(new Float32Array(30)));
  packer.recycle(small.positions.buffer);
  const again = packer.pack(pointCloud(new Float32Array(300)));
  assertStrictEquals(again.positions.buffer, small.positions.buffer);
  const large = packer.pack(pointCloud(new Float32Array(30_000)));
  assertEquals(large.positions.length, 3 * 16_384);
  // One that is too small by now is let go.
  packer.recycle(again.positions.buffer);
  const next = packer.pack(pointCloud(new Float32Array(30)));
  assertEquals(next.positions.length, 3 * 16_384);
  assertNotStrictEquals(next.positions.buffer, large.positions.buffer);
});

Deno.test("all of a cloud's room is in one buffer, and nothing overlaps", () => {
  const { positions, values, colors } = new CloudBuffers().take(5_000);
  assertStrictEquals(positions.buffer, values.buffer);
  assertEquals(positions.byteLength, values.byteOffset);
  assertEquals(colors.byteLength, values.byteLength);
  assert(values.length >= 5_000 && positions.length >= 15_000);
});

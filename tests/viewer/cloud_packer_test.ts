import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import { CloudPacker } from "../../lib/viewer/cloud_packer.ts";

function pack(packer: CloudPacker, fields: string[], values: number[]) {
  const cloud = pointCloud(new Float32Array(values), fields);
  const packed = packer.pack(cloud);
  const { points, stride } = packed;
  return { ...packed, used: [...packed.values.subarray(0, points * stride)] };
}

Deno.test("a cloud of x, y, z is copied as it is", () => {
  const { points, stride, used } = pack(
    new CloudPacker(),
    ["x", "y", "z"],
    [1, 2, 3, 4, 5, 6],
  );
  assertEquals({ points, stride, used }, {
    points: 2,
    stride: 3,
    used: [1, 2, 3, 4, 5, 6],
  });
});

Deno.test("the intensity is found by its name, wherever it is", () => {
  const packer = new CloudPacker();
  const fourth = pack(packer, ["x", "y", "z", "Intensity"], [1, 2, 3, 9]);
  assertEquals(fourth.used, [1, 2, 3, 9]);
  const last = pack(
    packer,
    ["x", "y", "z", "ring", "time", "reflectivity"],
    [1, 2, 3, 7, 8, 9, 4, 5, 6, 7, 8, 10],
  );
  assertEquals(last.stride, 4);
  assertEquals(last.used, [1, 2, 3, 9, 4, 5, 6, 10]);
});

Deno.test("fields that are no intensity are left out", () => {
  const { stride, used } = pack(
    new CloudPacker(),
    ["x", "y", "z", "ring"],
    [1, 2, 3, 7, 4, 5, 6, 8],
  );
  assertEquals(stride, 3);
  assertEquals(used, [1, 2, 3, 4, 5, 6]);
});

Deno.test("buffers are used again, and grow by doubling", () => {
  const packer = new CloudPacker();
  const small = packer.pack(pointCloud(new Float32Array(30)));
  packer.recycle(small.values);
  const again = packer.pack(pointCloud(new Float32Array(300)));
  assertStrictEquals(again.values, small.values);
  const large = packer.pack(pointCloud(new Float32Array(30_000)));
  assertEquals(large.values.length, 32_768);
  // One that is too small by now is let go.
  packer.recycle(again.values);
  const next = packer.pack(pointCloud(new Float32Array(30)));
  assertEquals(next.values.length, 32_768);
  assert(next.values !== large.values);
});

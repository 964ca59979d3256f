import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FIELD_TYPES } from "../../../lib/points/field.ts";
import { rosTime } from "../../../lib/points/pointcloud2/cdr_writer.ts";
import { encodePointCloud2 } from "../../../lib/points/pointcloud2/encode.ts";
import { decodePointCloud2 } from "../../../lib/points/pointcloud2/pointcloud2.ts";
import { anyCloud, assertSameBits, typedCloud } from "../file_clouds.ts";

const STAMP = 1_700_000_000_250.125;

Deno.test("encodePointCloud2() writes any cloud, bit by bit", () => {
  const clouds = anyCloud(FIELD_TYPES.slice(0, 8));
  fc.assert(fc.property(clouds, fc.string(), (cloud, frameId) => {
    const bytes = encodePointCloud2({ cloud, frameId, stamp: STAMP });
    const read = decodePointCloud2(bytes);
    assertSameBits(read.cloud, cloud);
    assertEquals([read.frameId, read.stamp], [frameId, STAMP]);
  }));
});

Deno.test("encodePointCloud2() keeps the bytes of what ROS has no type for", () => {
  const cloud = typedCloud("x,y,z,time:u8", [[1, 2, 3, 2 ** 40 + 5]]);
  const bytes = encodePointCloud2({ cloud, frameId: "", stamp: 0 });
  const { cloud: read } = decodePointCloud2(bytes);
  assertEquals(read.data, cloud.data);
  assertEquals(
    read.fields.slice(3).map(({ name, type, offset }) => [name, type, offset]),
    [["time_0", "uint32", 12], ["time_1", "uint32", 16]],
  );
});

Deno.test("rosTime() has nanoseconds of no more than a second", () => {
  assertEquals(rosTime(STAMP), { sec: 1_700_000_000, nsec: 250_125_000 });
  assertEquals(rosTime(1999.9999), { sec: 2, nsec: 0 });
  assertEquals(rosTime(-0.5), { sec: -1, nsec: 999_500_000 });
});

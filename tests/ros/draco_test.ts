import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PointCloud } from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { messageReaderOf } from "../../lib/ros/messages.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { compressedCloudMessage } from "./compressed_cloud_message.ts";
import { encodeDraco } from "./encode_draco.ts";

const POINTS = typedCloud(
  "x,y,z,rgb:u4,ring:u2",
  Array.from({ length: 50 }, (_, i) => [
    ...[i / 3, -i / 2, i * i, 0x80102030 + i, 60000 + i],
  ]),
);

function read(cloud: PointCloud, bytes: Uint8Array) {
  const name = "point_cloud_interfaces/msg/CompressedPointCloud2";
  const message = messageReaderOf({ name, encoding: "cdr" })!(
    compressedCloudMessage(cloud, "draco", bytes),
  );
  assert(message.kind === "encodedCloud");
  return message.decode();
}

Deno.test("Draco's clouds of point_cloud_transport are decoded", async () => {
  const cloud = await read(POINTS, await encodeDraco(POINTS));
  assertEquals(cloud.fields, POINTS.fields);
  assertEquals(cloud.data, POINTS.data);
});

Deno.test("A Draco cloud that isn't what its message says is refused", async () => {
  const bytes = await encodeDraco(POINTS);
  const refused = (cloud: PointCloud, given: Uint8Array, why: string) =>
    assertRejects(() => read(cloud, given), PointsError, why);
  await refused({ ...POINTS, width: 49 }, bytes, "50 points");
  await refused(
    { ...POINTS, fields: POINTS.fields.slice(0, 4) },
    bytes,
    "5 attributes for 4 fields",
  );
  await refused(POINTS, bytes.subarray(0, 100), "Cannot read Draco");
});

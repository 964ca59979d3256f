import { assert, assertEquals, assertRejects } from "@std/assert";
import draco3d from "draco3d";
import { column, type PointCloud } from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { messageReaderOf } from "../../lib/ros/messages.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { compressedCloudMessage } from "./compressed_cloud_message.ts";

type Handle = object;
type Add = (
  cloud: Handle,
  attribute: number,
  points: number,
  components: number,
  values: ArrayLike<number>,
) => number;

interface EncoderModule {
  readonly POSITION: number;
  readonly COLOR: number;
  readonly GENERIC: number;
  Encoder: new () => {
    SetEncodingMethod(method: number): void;
    EncodePointCloudToDracoBuffer(
      cloud: Handle,
      deduplicate: boolean,
      output: Handle,
    ): number;
  };
  PointCloudBuilder: new () => {
    AddFloatAttribute: Add;
    AddUInt16Attribute: Add;
    AddUInt8Attribute: Add;
  };
  PointCloud: new () => Handle;
  DracoInt8Array: new () => Handle & { GetValue(index: number): number };
}

/** Encodes as draco_point_cloud_transport does: an attribute of each field. */
async function encode(cloud: PointCloud): Promise<Uint8Array> {
  const module = await draco3d.createEncoderModule({}) as EncoderModule;
  const encoder = new module.Encoder();
  encoder.SetEncodingMethod(0); // Sequential.
  const builder = new module.PointCloudBuilder();
  const draco = new module.PointCloud();
  const { points } = cloud;
  for (const { name, type } of cloud.fields) {
    const values = column(cloud, name) as Float32Array;
    if (name === "rgb") {
      const bytes = new Uint8Array(values.buffer);
      builder.AddUInt8Attribute(draco, module.COLOR, points, 4, bytes);
    } else if (type === "uint16") {
      builder.AddUInt16Attribute(draco, module.GENERIC, points, 1, values);
    } else {
      builder.AddFloatAttribute(draco, module.POSITION, points, 1, values);
    }
  }
  const output = new module.DracoInt8Array();
  const length = encoder.EncodePointCloudToDracoBuffer(draco, false, output);
  return Uint8Array.from({ length }, (_, i) => output.GetValue(i));
}

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
  const cloud = await read(POINTS, await encode(POINTS));
  assertEquals(cloud.fields, POINTS.fields);
  assertEquals(cloud.data, POINTS.data);
});

Deno.test("A Draco cloud that isn't what its message says is refused", async () => {
  const bytes = await encode(POINTS);
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

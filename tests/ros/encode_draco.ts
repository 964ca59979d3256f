import draco3d from "draco3d";
import { column, type PointCloud } from "../../lib/points/cloud.ts";

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
export async function encodeDraco(cloud: PointCloud): Promise<Uint8Array> {
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

/**
 * Draco (github.com/google/draco) in WebAssembly, as much of its interface as
 * encoding and decoding the positions of a point cloud takes.
 */
import draco3d from "draco3d";

/** Something on the WebAssembly heap, to be given back with `destroy`. */
type Handle = object;

interface EncoderModule {
  readonly POSITION: number;
  Encoder: new () => Handle & {
    SetEncodingMethod(method: number): void;
    SetSpeedOptions(encoding: number, decoding: number): void;
    SetAttributeQuantization(attribute: number, bits: number): void;
    EncodePointCloudToDracoBuffer(
      cloud: Handle,
      deduplicate: boolean,
      output: Handle,
    ): number;
  };
  PointCloudBuilder: new () => Handle & {
    AddFloatAttribute(
      cloud: Handle,
      attribute: number,
      points: number,
      components: number,
      values: Float32Array,
    ): number;
  };
  PointCloud: new () => Handle;
  DracoInt8Array: new () => Handle & { GetValue(index: number): number };
  destroy(handle: Handle): void;
}

interface DecoderModule {
  readonly DT_FLOAT32: number;
  readonly POSITION: number;
  readonly HEAPF32: Float32Array;
  Decoder: new () => Handle & {
    DecodeArrayToPointCloud(
      bytes: Uint8Array,
      length: number,
      cloud: Handle,
    ): { ok(): boolean; error_msg(): string };
    GetAttributeId(cloud: Handle, attribute: number): number;
    GetAttribute(cloud: Handle, id: number): Handle;
    GetAttributeDataArrayForAllPoints(
      cloud: Handle,
      attribute: Handle,
      type: number,
      bytes: number,
      pointer: number,
    ): boolean;
  };
  PointCloud: new () => Handle & { num_points(): number };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  destroy(handle: Handle): void;
}

/** How Draco goes through the points. */
export type DracoMethod = "sequential" | "kd-tree";

/** As Draco numbers them for point clouds. */
const METHODS: Readonly<Record<DracoMethod, number>> = {
  sequential: 0,
  "kd-tree": 1,
};

/** Fastest of 0 to 10. */
const SPEED = 10;

/** Encodes and decodes x, y, z with the fastest settings that Draco has. */
export class Draco {
  readonly #encoders: EncoderModule;
  readonly #decoders: DecoderModule;

  private constructor(encoders: EncoderModule, decoders: DecoderModule) {
    this.#encoders = encoders;
    this.#decoders = decoders;
  }

  static async load(): Promise<Draco> {
    return new Draco(
      await draco3d.createEncoderModule({}) as EncoderModule,
      await draco3d.createDecoderModule({}) as DecoderModule,
    );
  }

  /** @param bits of each coordinate, over the largest extent of the cloud. */
  encode(values: Float32Array, method: DracoMethod, bits: number): Uint8Array {
    const module = this.#encoders;
    const encoder = new module.Encoder();
    const builder = new module.PointCloudBuilder();
    const cloud = new module.PointCloud();
    const output = new module.DracoInt8Array();
    try {
      encoder.SetEncodingMethod(METHODS[method]);
      encoder.SetSpeedOptions(SPEED, SPEED);
      encoder.SetAttributeQuantization(module.POSITION, bits);
      const points = values.length / 3;
      builder.AddFloatAttribute(cloud, module.POSITION, points, 3, values);
      const length = encoder.EncodePointCloudToDracoBuffer(
        cloud,
        false,
        output,
      );
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = output.GetValue(i);
      return bytes;
    } finally {
      for (const handle of [output, cloud, builder, encoder]) {
        module.destroy(handle);
      }
    }
  }

  decode(bytes: Uint8Array): Float32Array {
    const module = this.#decoders;
    const decoder = new module.Decoder();
    const cloud = new module.PointCloud();
    let pointer = 0;
    try {
      const status = decoder.DecodeArrayToPointCloud(
        bytes,
        bytes.length,
        cloud,
      );
      if (!status.ok()) throw new Error(`Draco: ${status.error_msg()}`);
      const id = decoder.GetAttributeId(cloud, module.POSITION);
      const attribute = decoder.GetAttribute(cloud, id);
      const length = cloud.num_points() * 3;
      pointer = module._malloc(length * 4);
      decoder.GetAttributeDataArrayForAllPoints(
        cloud,
        attribute,
        module.DT_FLOAT32,
        length * 4,
        pointer,
      );
      const start = pointer / 4;
      return module.HEAPF32.slice(start, start + length);
    } finally {
      if (pointer !== 0) module._free(pointer);
      module.destroy(cloud);
      module.destroy(decoder);
    }
  }
}

/**
 * Draco (github.com/google/draco) in WebAssembly, as much of its interface as
 * reading a point cloud takes. It is loaded for the first cloud.
 */
import { copyBytes } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import { type PointField, typeBytes } from "../points/field.ts";

/** Something on the WebAssembly heap, to be given back with `destroy`. */
type Handle = object;

interface Attribute extends Handle {
  num_components(): number;
  data_type(): number;
}

interface DracoCloud extends Handle {
  num_points(): number;
  num_attributes(): number;
}

interface Decoder extends Handle {
  DecodeArrayToPointCloud(
    bytes: Uint8Array,
    length: number,
    cloud: DracoCloud,
  ): { ok(): boolean; error_msg(): string };
  GetAttribute(cloud: DracoCloud, index: number): Attribute;
  GetAttributeDataArrayForAllPoints(
    cloud: DracoCloud,
    attribute: Attribute,
    type: number,
    bytes: number,
    pointer: number,
  ): boolean;
}

interface DracoModule {
  readonly HEAPU8: Uint8Array;
  Decoder: new () => Decoder;
  PointCloud: new () => DracoCloud;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  destroy(handle: Handle): void;
}

/** Bytes of Draco's numbers by type: DT_INT8 is 1, DT_FLOAT32 is 9. */
const TYPE_BYTES = [0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8];

/** Decoding is one synchronous call, so all share the module's heap. */
let loading: Promise<DracoModule> | undefined;

async function load(): Promise<DracoModule> {
  const { default: draco3d } = await import("draco3d");
  return await draco3d.createDecoderModule({}) as DracoModule;
}

/** Points as a message lays them out. */
export interface DracoPoints {
  fields: readonly PointField[];
  /** Bytes from one point to the next. */
  stride: number;
  /** As many as the message says. */
  points: number;
}

/**
 * Reads points whose attributes are the fields, one each, in their order, as
 * draco_point_cloud_transport writes them. A colour in the bits of one field is
 * an attribute of four bytes.
 *
 * @returns interleaved bytes.
 * @throws {PointsError} `header` where they are damaged, `length` for another
 * number of points, `unsupported` for a field of 8 bytes, which Draco's
 * WebAssembly can't read.
 */
export async function decodeDraco(
  bytes: Uint8Array,
  layout: DracoPoints,
): Promise<Uint8Array> {
  const module = await (loading ??= load());
  const decoder = new module.Decoder();
  const cloud = new module.PointCloud();
  try {
    const status = decoder.DecodeArrayToPointCloud(bytes, bytes.length, cloud);
    if (!status.ok()) throw damaged(status.error_msg());
    checkCounts(cloud, layout);
    const data = new Uint8Array(layout.points * layout.stride);
    for (const [i, field] of layout.fields.entries()) {
      const attribute = decoder.GetAttribute(cloud, i);
      const values = readAttribute({
        module,
        decoder,
        cloud,
        attribute,
        field,
      });
      const size = typeBytes(field.type);
      const place = { offset: field.offset, stride: layout.stride };
      copyBytes(data, place, values, { offset: 0, stride: size }, {
        bytes: size,
        points: layout.points,
      });
    }
    return data;
  } finally {
    module.destroy(cloud);
    module.destroy(decoder);
  }
}

function checkCounts(cloud: DracoCloud, { fields, points }: DracoPoints): void {
  const has = cloud.num_points();
  if (has !== points) {
    throw new PointsError(
      "length",
      `Draco has ${has} points, where the message says ${points}`,
    );
  }
  const attributes = cloud.num_attributes();
  if (attributes === fields.length) return;
  throw damaged(`${attributes} attributes for ${fields.length} fields`);
}

/** Copies the values of an attribute out of the heap. */
function readAttribute({ module, decoder, cloud, attribute, field }: {
  module: DracoModule;
  decoder: Decoder;
  cloud: DracoCloud;
  attribute: Attribute;
  field: PointField;
}): Uint8Array {
  const type = attribute.data_type();
  const size = (TYPE_BYTES[type] ?? 0) * attribute.num_components();
  if (size !== typeBytes(field.type)) {
    throw damaged(`an attribute of ${size} bytes for field ${field.name}`);
  }
  const length = size * cloud.num_points();
  const pointer = module._malloc(Math.max(1, length));
  try {
    const isRead = decoder.GetAttributeDataArrayForAllPoints(
      cloud,
      attribute,
      type,
      length,
      pointer,
    );
    if (isRead) return module.HEAPU8.slice(pointer, pointer + length);
  } finally {
    module._free(pointer);
  }
  throw new PointsError(
    "unsupported",
    `Draco's values of field ${field.name} (${field.type}) can't be read here`,
  );
}

function damaged(what: string): PointsError {
  return new PointsError("header", `Cannot read Draco: ${what}`);
}

import type { PointCloud } from "../../lib/points/cloud.ts";
import { FIELD_TYPES } from "../../lib/points/field.ts";

/** Writes a CompressedPointCloud2 in CDR, little-endian. */
export function compressedCloudMessage(
  { fields, stride, width, height }: PointCloud,
  format: string,
  data: Uint8Array,
): Uint8Array {
  const bytes: number[] = [];
  const uint32 = (value: number) => {
    while (bytes.length % 4 > 0) bytes.push(0);
    bytes.push(...new Uint8Array(Uint32Array.of(value).buffer));
  };
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(`${value}\0`);
    uint32(encoded.length);
    bytes.push(...encoded);
  };
  uint32(1_700_000_000);
  uint32(250_000_000);
  text("lidar");
  uint32(height);
  uint32(width);
  uint32(fields.length);
  for (const { name, offset, type } of fields) {
    text(name);
    uint32(offset);
    bytes.push(FIELD_TYPES.indexOf(type) + 1);
    uint32(1);
  }
  bytes.push(0);
  uint32(stride);
  uint32(width * stride);
  uint32(data.length);
  bytes.push(...data, 1);
  text(format);
  return Uint8Array.of(0, 1, 0, 0, ...bytes);
}

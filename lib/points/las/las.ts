/**
 * LAS and LAZ, the formats of surveyors' clouds (ASPRS LAS 1.4-R15): versions
 * 1.0 to 1.4, points of formats 0 to 10.
 */
import { copyBytes, createCloud, type PointCloud } from "../cloud.ts";
import {
  numberReader,
  packFields,
  type PointField,
  typeBytes,
} from "../field.ts";
import { narrowColor } from "./color.ts";
import { type LasHeader, readLasHeader } from "./header.ts";
import type { LasField } from "./record.ts";

/** Where values go: the bytes of a cloud. */
interface Target {
  data: Uint8Array;
  field: PointField;
  stride: number;
}

/**
 * Reads a LAS or LAZ file; its header says which of them it is.
 *
 * Coordinates are float64 metres, `gps_time` is float64 seconds; flags have a
 * field of uint8 each, and so has colour where its 16 bits hold no more than 8.
 * Fields that the file describes itself are read too.
 *
 * @throws {PointsError} for bytes that are no such file, and for LAZ of formats
 * 4, 5, 9 and 10, which have waveforms.
 */
export async function decodeLas(bytes: Uint8Array): Promise<PointCloud> {
  const header = readLasHeader(bytes);
  if (!header.isCompressed) {
    const { offset, points, stride } = header;
    const end = offset + points * stride;
    return toCloud(header, bytes.subarray(offset, end));
  }
  const { decompressLaz } = await import("./laz.ts");
  return toCloud(header, await decompressLaz(bytes, header));
}

function toCloud(header: LasHeader, records: Uint8Array): PointCloud {
  const { points, stride: recordBytes } = header;
  const placed = { records, stride: recordBytes, points };
  const from = narrowColor(scaleCoordinates(header), placed);
  const { fields, stride } = packFields(from);
  const data = new Uint8Array(points * stride);
  fields.forEach((field, i) =>
    copyField({ data, field, stride }, from[i], placed)
  );
  return createCloud({ data, fields, stride });
}

/** Gives the coordinates, which come first, their factors. */
function scaleCoordinates(
  { fields, scales, origins }: LasHeader,
): LasField[] {
  return fields.map((field, i) =>
    i < scales.length
      ? { ...field, scale: { factor: scales[i], origin: origins[i] } }
      : field
  );
}

function copyField(
  target: Target,
  source: LasField,
  place: { records: Uint8Array; stride: number; points: number },
): void {
  const { data, field: { type, offset }, stride } = target;
  if (source.bits !== undefined) return copyBits(target, source, place);
  if (source.scale !== undefined) return copyScaled(target, source, place);
  const from = { offset: source.offset, stride: place.stride };
  copyBytes(data, { offset, stride }, place.records, from, {
    bytes: typeBytes(type),
    points: place.points,
  });
}

function copyBits(
  { data, field, stride }: Target,
  { offset, bits }: LasField,
  place: { records: Uint8Array; stride: number; points: number },
): void {
  const { records, points } = place;
  const { shift, mask } = bits!;
  let at = offset, to = field.offset;
  for (let i = 0; i < points; i++, at += place.stride, to += stride) {
    data[to] = records[at] >> shift & mask;
  }
}

function copyScaled(
  { data, field, stride }: Target,
  { offset, type, stored = type, scale }: LasField,
  place: { records: Uint8Array; stride: number; points: number },
): void {
  const { records, points } = place;
  const { factor, origin } = scale!;
  const read = numberReader(stored);
  const view = new DataView(
    records.buffer,
    records.byteOffset,
    records.length,
  );
  const out = new DataView(data.buffer);
  let at = offset, to = field.offset;
  for (let i = 0; i < points; i++, at += place.stride, to += stride) {
    out.setFloat64(to, read(view, at) * factor + origin, true);
  }
}

/** One point of a cloud, with every digit that its source gave it. */
import { findField, type PointCloud } from "../points/cloud.ts";
import {
  type FieldType,
  numberReader,
  type PointField,
  XYZ,
} from "../points/field.ts";
import { type ColorFields, findColor } from "../points/meaning.ts";
import type { Vector } from "./vector.ts";
import { colorRule, packColors } from "./pack_colors.ts";

/** One field of a point, to be read by people. */
export interface PointValue {
  name: string;
  type: FieldType;
  text: string;
}

/** What there is to know of one point. */
export interface PointValues {
  index: number;
  /** Its place in the cloud's own coordinates, metres. */
  place: Vector;
  /** Its fields in the source's order, without x, y, z and packed colour. */
  values: PointValue[];
  /** `#rrggbb`, where the cloud has colour. */
  color: string | undefined;
}

/** Describes the point of an index, which the cloud must have. */
export function describePoint(cloud: PointCloud, index: number): PointValues {
  const { data, stride, fields } = cloud;
  const point = data.subarray(index * stride, (index + 1) * stride);
  const view = new DataView(point.buffer, point.byteOffset, stride);
  const [x, y, z] = XYZ.map((name) => {
    const { type, offset } = findField(cloud, name)!;
    return numberReader(type)(view, offset);
  });
  const color = findColor(fields);
  const bits = color?.kind === "packed" ? color.field : undefined;
  return {
    index,
    place: [x, y, z],
    values: fields
      .filter((field) => field !== bits && !XYZ.includes(field.name))
      .map(({ name, type, offset }) => ({
        name,
        type,
        text: writeValue(view, { name, type, offset }),
      })),
    color: color && writeColor(cloud, color, index),
  };
}

/** Writes one value so that nothing of it is lost. */
function writeValue(view: DataView, { type, offset }: PointField): string {
  switch (type) {
    case "int64":
      return String(view.getBigInt64(offset, true));
    case "uint64":
      return String(view.getBigUint64(offset, true));
    case "float32":
      return shortest(view.getFloat32(offset, true));
    default: {
      const value = numberReader(type)(view, offset);
      return Object.is(value, -0) ? "-0" : String(value);
    }
  }
}

/** Digits that tell every float32 from its neighbours. */
const FLOAT32_DIGITS = 9;

/** Writes a float32 with as few digits as make it that one. */
export function shortest(value: number): string {
  if (Object.is(value, -0)) return "-0";
  for (let digits = 1; digits < FLOAT32_DIGITS; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(FLOAT32_DIGITS)));
}

function writeColor(
  cloud: PointCloud,
  color: ColorFields,
  index: number,
): string {
  const { stride } = cloud;
  const data = cloud.data.subarray(index * stride, (index + 1) * stride);
  const pixel = new Uint32Array(1);
  packColors({ ...cloud, data, points: 1 }, colorRule(cloud, color), pixel);
  const bytes = new Uint8Array(pixel.buffer, 0, 3);
  return `#${
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  }`;
}

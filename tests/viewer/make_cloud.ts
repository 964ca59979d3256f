/** Clouds of any fields, made of numbers. */
import { createCloud, type PointCloud } from "../../lib/points/cloud.ts";
import {
  packFields,
  parseFieldList,
  type PointField,
} from "../../lib/points/field.ts";

/** Makes a cloud of fields as `--fields` has them: `x,y,z,ring:u2`. */
export function makeCloud(
  fields: string,
  points: number,
  valueOf: (name: string, i: number) => number | bigint,
): PointCloud {
  const layout = packFields(parseFieldList(fields));
  const data = new Uint8Array(layout.stride * points);
  const view = new DataView(data.buffer);
  for (let i = 0; i < points; i++) {
    for (const field of layout.fields) {
      const at = i * layout.stride + field.offset;
      writeValue(view, { ...field, offset: at }, valueOf(field.name, i));
    }
  }
  return createCloud({ ...layout, data });
}

function writeValue(
  view: DataView,
  { type, offset }: PointField,
  value: number | bigint,
): void {
  switch (type) {
    case "int8":
    case "uint8":
      return view.setUint8(offset, Number(value));
    case "int16":
    case "uint16":
      return view.setUint16(offset, Number(value), true);
    case "int32":
    case "uint32":
      return view.setUint32(offset, Number(value), true);
    case "float32":
      return view.setFloat32(offset, Number(value), true);
    case "float64":
      return view.setFloat64(offset, Number(value), true);
    case "int64":
    case "uint64":
      return view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  }
}

/** A square of points in the plane z = 0, `side` x `side`, all of one value. */
export function makeSquare(
  fields: string,
  side: number,
  valueOf: (name: string, column: number, row: number) => number | bigint,
): PointCloud {
  return makeCloud(fields, side * side, (name, i) => {
    const column = i % side, row = Math.floor(i / side);
    switch (name) {
      case "x":
        return (column / (side - 1) - 0.5) * 10;
      case "y":
        return (row / (side - 1) - 0.5) * 10;
      case "z":
        return 0;
    }
    return valueOf(name, column, row);
  });
}

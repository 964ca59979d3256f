/** PCD files that the tests make. */
import type { PcdData } from "../../../lib/points/pcd/pcd.ts";
import { concat } from "../file_clouds.ts";

/** Each way to write points. */
export const FORMS: PcdData[] = ["ascii", "binary", "binary_compressed"];

/** What of a header is not as usual. */
export interface PcdText {
  fields?: string;
  size?: string;
  type?: string;
  count?: string;
  points?: number;
  data?: string;
}

/** Writes a header as PCL's documentation has it. */
export function header(parts: PcdText = {}): string {
  const { fields = "x y z", points = 2, data = "ascii" } = parts;
  const each = (value: string) => fields.replace(/\S+/g, value);
  return [
    "# .PCD v0.7 - Point Cloud Data file format",
    "VERSION 0.7",
    `FIELDS ${fields}`,
    `SIZE ${parts.size ?? each("4")}`,
    `TYPE ${parts.type ?? each("F")}`,
    `COUNT ${parts.count ?? each("1")}`,
    `WIDTH ${points}`,
    "HEIGHT 1",
    "VIEWPOINT 0 0 0 1 0 0 0",
    `POINTS ${points}`,
    `DATA ${data}`,
    "",
  ].join("\n");
}

/** Writes one record with DataView's own setters. */
export function record(
  length: number,
  write: (view: DataView) => void,
): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** Two points, one field after the other, in runs that LZF would write. */
export const COMPRESSED = Uint8Array.of(
  ...[7, 0, 0, 128, 63, 0, 0, 0, 64], // x: 1, 2
  ...[0xc0, 7], // y: the same eight bytes
  ...[0xc0, 7], // z: again
);

/** Writes a compressed file of these sizes and points. */
export function compressed(
  sizes: [number, number],
  body: Uint8Array,
  fields?: string,
) {
  return concat(
    header({ fields, data: "binary_compressed" }),
    new Uint8Array(Uint32Array.from(sizes).buffer),
    body,
  );
}

/** What packing a large cloud takes; printed, for machines differ. */
import { assertEquals } from "@std/assert";
import { createCloud, type PointCloud } from "../../lib/points/cloud.ts";
import {
  type NamedType,
  packFields,
  parseFieldList,
} from "../../lib/points/field.ts";
import { CloudPacker } from "../../lib/viewer/cloud_packer.ts";
import type { ColorChoice } from "../../lib/viewer/coloring.ts";

const POINTS = 1_000_000;
const ROUNDS = 7;

const CASES: [string, string, ColorChoice | undefined, number?][] = [
  ["xyz, height", "x,y,z", undefined],
  ["xyz + rgb, 16 bytes", "x,y,z,rgb", undefined],
  ["xyz + intensity + rgb, 20 bytes", "x,y,z,intensity,rgb:u4", "rgb"],
  ["the same by intensity", "x,y,z,intensity,rgb:u4", "field:intensity"],
  ["hesai, 26 bytes", "x,y,z,intensity,ring:u2,time:f8", "field:intensity"],
  ["the same by time", "x,y,z,intensity,ring:u2,time:f8", "field:time"],
  ["the same by ring", "x,y,z,intensity,ring:u2,time:f8", "field:ring"],
  ["depth camera, 500 rows", "x,y,z,rgb:u4", undefined, 500],
  ["xyz float64, 24 bytes", "x:f8,y:f8,z:f8", undefined],
  [
    "LAS, 32 bytes",
    "x:f8,y:f8,z:f8,red:u2,green:u2,blue:u2,class:u1,n:u1",
    "rgb",
  ],
];

/** A cloud on a map where coordinates are float64. */
function makeCloud(fields: NamedType[], height = 1): PointCloud {
  const layout = packFields(fields);
  const data = new Uint8Array(layout.stride * POINTS);
  const view = new DataView(data.buffer);
  const far: Record<string, number> = { x: 5e5, y: 5.4e6, z: 100 };
  for (let i = 0, at = 0; i < POINTS; i++, at += layout.stride) {
    for (const [k, { name, type, offset }] of layout.fields.entries()) {
      const value = Math.sin(i * (k + 1)) * 20;
      if (type === "float64") {
        view.setFloat64(at + offset, value + (far[name] ?? 1.7e9), true);
      } else if (name === "rgb") {
        view.setUint32(at + offset, i & 0xffffff, true);
      } else if (type === "float32") {
        view.setFloat32(at + offset, value, true);
      } else if (type === "uint16") {
        view.setUint16(at + offset, name === "ring" ? i & 63 : i, true);
      } else data[at + offset] = i % 9;
    }
  }
  return createCloud({ ...layout, data, height });
}

Deno.test("packing a million points, with ranges", () => {
  // One packer for all: what one kind of cloud speeds up may slow another down.
  const packer = new CloudPacker();
  for (const [name, fields, choice, height] of CASES) {
    const cloud = makeCloud(parseFieldList(fields), height);
    packer.reset();
    packer.choice = choice;
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const packed = packer.pack(cloud);
      times.push(performance.now() - start);
      assertEquals(packed.points, POINTS);
      packer.recycle(packed.positions.buffer);
    }
    times.sort((a, b) => a - b);
    const [least, median] = [times[0], times[ROUNDS >> 1]];
    console.log(
      `${name}: median ${median.toFixed(1)} ms, least ${least.toFixed(1)} ms`,
    );
  }
});

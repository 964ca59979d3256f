/**
 * Arrays and files without a header as people have them: what they are read
 * as, and the checksum (CRC-32) of their values by NumPy, packed.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { pack } from "../../lib/points/cloud.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { parseFieldList } from "../../lib/points/field.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { crc32 } from "../../lib/points/npz/crc32.ts";
import { assertSameBits, fieldList, readCase } from "./file_clouds.ts";

interface Case {
  name: string;
  /** The fields as they are read. */
  list: string;
  width: number;
  height?: number;
  crc: number;
  /** The layout that is stated. */
  layout?: string;
}

const CASES: Case[] = [
  { name: "1x3d.npy", list: "x,y,z", width: 1, crc: 0x6b9f9b3b },
  { name: "3x3.npy", list: "x,y,z", width: 3, crc: 0x9d63c7bf },
  { name: "3x4_T.npy", list: "x,y,z,c3", width: 3, crc: 0xc0b1ffbb },
  { name: "HW3.npy", list: "x,y,z", width: 5, height: 4, crc: 0xc35e5cf7 },
  {
    ...{ name: "N6normals.npy", list: "x,y,z,c3,c4,c5" },
    ...{ width: 20, crc: 0x523dddd5 },
  },
  {
    ...{ name: "xyzrgb.npy", list: "x,y,z,r,g,b", layout: "x,y,z,r,g,b" },
    ...{ width: 20, crc: 0x90bdf00d },
  },
  {
    ...{ name: "Nx7.npy", list: "x,y,z,c3,c4,c5,c6" },
    ...{ width: 20, crc: 0x7a38f42d },
  },
  { name: "allnan.npy", list: "x,y,z", width: 1000, crc: 0x7eb1e6bf },
  { name: "nan_inf.npy", list: "x,y,z", width: 1000, crc: 0x9e070093 },
  { name: "be.npy", list: "x,y,z", width: 20, crc: 0xc35e5cf7 },
  { name: "fortran.npy", list: "x,y,z", width: 20, crc: 0xc35e5cf7 },
  { name: "f16.npy", list: "x,y,z", width: 20, crc: 0x527ae78c },
  { name: "int.npy", list: "x:i4,y:i4,z:i4", width: 20, crc: 0xb5c16ac8 },
  {
    ...{ name: "ros_offsets.npy", list: "x,y,z,intensity,ring:u2" },
    ...{ width: 5, crc: 0x532e3fa8 },
  },
  { name: "structf2.npy", list: "x,y,z,h", width: 5, crc: 0x8e2318e6 },
  {
    ...{ name: "sub.npy", list: "x,y,z,red:u1,green:u1,blue:u1" },
    ...{ width: 5, crc: 0xe222f72c },
  },
  { name: "time_field.npy", list: "x,y,z,t", width: 1000, crc: 0x11e018b2 },
  { name: "upperstruct.npy", list: "x,y,z", width: 5, crc: 0x04128908 },
  { name: "v3.npy", list: "x,y,z,größe", width: 5, crc: 0x8e2318e6 },
  { name: "zero.npy", list: "x,y,z", width: 0, crc: 0 },
  { name: "zero1d.npy", list: "x,y,z", width: 0, crc: 0 },
  { name: "zero.bin", list: "x,y,z,intensity", width: 0, crc: 0 },
  { name: "zero.f32", list: "x,y,z", width: 0, crc: 0 },
  {
    ...{ name: "nuscenes.pcd.bin", list: "x,y,z,intensity,ring" },
    ...{ width: 64, crc: 0xdfb0aba9 },
  },
  {
    ...{ name: "xyzi.f32", list: "x,y,z,i", layout: "x,y,z,i" },
    ...{ width: 6, crc: 0x6edc4182 },
  },
  {
    ...{ name: "xyz3.bin", list: "x,y,z", layout: "x,y,z" },
    ...{ width: 64, crc: 0x847c5d6d },
  },
];

for (const { name, list, width, height = 1, crc, layout } of CASES) {
  const bytes = readCase(name);
  Deno.test({
    name: `${name} is read as NumPy reads it`,
    ignore: bytes === undefined,
    async fn() {
      const fields = layout === undefined ? undefined : parseFieldList(layout);
      const cloud = await decodeFile(name, bytes!, { fields });
      assertEquals(fieldList(cloud), list);
      assertEquals([cloud.width, cloud.height], [width, height]);
      assertEquals(crc32(pack(cloud).data), crc);
      // Written as an array again, it is the same cloud.
      const copy = encodeFile("copy.npy", cloud);
      assertSameBits(await decodeFile("copy.npy", copy), cloud);
    },
  });
}

const REFUSED = {
  "3xN.npy": "3 points or 20 lying ones",
  "Nx2.npy": "shape (20, 2)",
  "odd.bin": "51 bytes end 3 bytes into the point at byte 48",
};

for (const [name, text] of Object.entries(REFUSED)) {
  const bytes = readCase(name);
  Deno.test({
    name: `${name} is refused, saying why`,
    ignore: bytes === undefined,
    async fn() {
      await assertRejects(() => decodeFile(name, bytes!), PointsError, text);
    },
  });
}

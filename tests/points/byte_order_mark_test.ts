/** Text that a program of Windows has saved as "UTF-8 with BOM". */
import { assertEquals } from "@std/assert";
import { namesOf, pointCloud, toFloat32 } from "../../lib/points/cloud.ts";
import { sniffFormat } from "../../lib/points/extent.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { concat } from "./file_clouds.ts";

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf);
const CLOUD = pointCloud(Float32Array.of(1, 2, 3, 4, 5, 6), ["x", "y", "z"]);
const ROWS = "1 2 3\n4 5 6\n";
const encode = (text: string) => new TextEncoder().encode(text);

const FILES: [name: string, bytes: Uint8Array][] = [
  ["a.pcd", await encodeFile("a.pcd", CLOUD, { pcdData: "ascii" })],
  ["b.pcd", await encodeFile("b.pcd", CLOUD)],
  ["c.ply", await encodeFile("c.ply", CLOUD)],
  ["d.xyz", encode(ROWS)],
  ["e.csv", encode("x,y,z\r\n1,2,3\r\n4,5,6\r\n")],
  ["f.txt", encode(`# x y z\n${ROWS}`)],
  ["g.pts", encode(`2\n${ROWS}`)],
  ["h.asc", encode("1;2;3\n4;5;6")],
];

Deno.test("files of points with a byte order mark are read", async () => {
  for (const [name, bytes] of FILES) {
    const cloud = await decodeFile(name, concat(MARK, bytes));
    assertEquals(namesOf(cloud.fields), ["x", "y", "z"], name);
    assertEquals([...toFloat32(cloud)], [1, 2, 3, 4, 5, 6], name);
  }
});

Deno.test("a stream's format is told behind a byte order mark", () => {
  const starts: [text: string, format: string | undefined][] = [
    ["ply\nform", ".ply"],
    ["ply\r\nfor", ".ply"],
    ["# .PCD v.", ".pcd"],
    ["#.PCD v0.", ".pcd"],
    ["VERSION 0.7", ".pcd"],
    ["FIELDS x y", ".pcd"],
    ["1.0 2.0 3", undefined],
  ];
  for (const [text, format] of starts) {
    const marked = concat(MARK, encode(text)).subarray(0, 8);
    assertEquals(sniffFormat(marked), format, text);
    assertEquals(sniffFormat(encode(text).subarray(0, 8)), format, text);
  }
});

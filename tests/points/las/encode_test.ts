import { assert, assertEquals } from "@std/assert";
import { column, findField } from "../../../lib/points/cloud.ts";
import { encodeLas } from "../../../lib/points/las/encode.ts";
import { decodeLas } from "../../../lib/points/las/las.ts";
import { lasLosses } from "../../../lib/points/las/losses.ts";
import { temporaryFolder, testWith } from "../../support.ts";
import { typedCloud } from "../file_clouds.ts";

const SCAN = typedCloud(
  "x,y,z,intensity,ring:u2,gps_time:f8,t:u8,red:u1,green:u1,blue:u1",
  [
    [1.0004, -2, 3, 0.5, 7, 1.5, 2 ** 40, 1, 2, 255],
    [-1000, 0.25, 4, 1, 65535, 2.5, 5, 0, 128, 7],
  ],
);

Deno.test("encodeLas() keeps every field, and rounds positions alone", async () => {
  const read = await decodeLas(encodeLas(SCAN));
  assertEquals(read.points, 2);
  for (const name of ["ring", "gps_time", "t", "red", "green", "blue"]) {
    assertEquals(column(read, name), column(SCAN, name), name);
  }
  // LAS has an intensity of its own, of another type.
  assertEquals(column(read, "intensity_2"), column(SCAN, "intensity"));
  for (const name of ["x", "y", "z"]) {
    column(SCAN, name).forEach((value, i) => {
      const error = Number(column(read, name)[i]) - Number(value);
      assert(Math.abs(error) <= 0.0005 + 1e-9, `${name}: ${error}`);
    });
  }
});

Deno.test("encodeLas() keeps whole numbers and packed colour as LAS has them", async () => {
  const cloud = typedCloud("x,y,z,intensity:u2,classification:u1,rgb:u4", [
    [1, 2, 3, 512, 6, 0x010203],
  ]);
  const read = await decodeLas(encodeLas(cloud));
  const firstOf = (name: string) => column(read, name)[0];
  assertEquals(
    ["intensity", "classification", "red", "green", "blue"].map(firstOf),
    [512, 6, 1, 2, 3],
  );
  assertEquals([firstOf("return_number"), firstOf("number_of_returns")], [
    1,
    1,
  ]);
  assertEquals(findField(read, "rgb"), undefined);
});

Deno.test("encodeLas() takes large steps for what is far apart", async () => {
  const cloud = typedCloud("x:f8,y:f8,z:f8", [[-1e9, 0, 0], [1e9, 0, 0]]);
  const read = await decodeLas(encodeLas(cloud));
  column(read, "x").forEach((x, i) => {
    const error = Math.abs(Number(x) - [-1e9, 1e9][i]);
    assert(error < 0.5, `${error} m`);
  });
});

Deno.test("encodeLas() leaves out points without a place, and writes none", async () => {
  const cloud = typedCloud("x,y,z,ring:u2", [
    [1, 2, 3, 4],
    [NaN, 2, 3, 5],
    [1, Infinity, 3, 6],
  ]);
  const read = await decodeLas(encodeLas(cloud));
  assertEquals(column(read, "ring"), Uint16Array.of(4));
  const none = typedCloud("x,y,z", []);
  assertEquals((await decodeLas(encodeLas(none))).points, 0);
});

testWith(["point readers"], "laspy reads what encodeLas() writes", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/scan.las`;
  await Deno.writeFile(path, encodeLas(SCAN));
  const script = "import json, laspy, sys; las = laspy.read(sys.argv[1]); " +
    "print(json.dumps([str(las.header.version), las.point_format.id, " +
    "las.xyz.tolist(), las.ring.tolist(), las.t.tolist(), " +
    "las.gps_time.tolist(), las.intensity_2.tolist(), las.red.tolist(), " +
    "[int(n) for n in las.return_number], las.header.maxs.tolist()]))";
  const { stdout, stderr } = await new Deno.Command(
    Deno.env.get("POINTS_PYTHON")!,
    { args: ["-c", script, path] },
  ).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [
    ...["1.4", 7],
    [[1, -2, 3], [-1000, 0.25, 4]],
    [7, 65535],
    [2 ** 40, 5],
    [1.5, 2.5],
    [0.5, 1],
    [257, 0],
    [1, 1],
    [Math.fround(1.0004), 0.25, 4],
  ]);
});

Deno.test("lasLosses() names what a file can't hold", () => {
  const cloud = typedCloud("x:f8,y,z", [
    [-1e9, 0, 0],
    [1e9, 0, 0],
    [0, NaN, 0],
    [0, 0, 0],
  ], { height: 2 });
  assertEquals(lasLosses(cloud), [
    ".las can't hold 1 points without a place",
    ".las rounds x to steps of 0.47 m",
    ".las can't hold the 2 rows of 2 points",
  ]);
  assertEquals(lasLosses(SCAN), []);
});

Deno.test("encodeLas() writes what was read of LAS as it was", async () => {
  const cloud = typedCloud(
    "x:f8,y:f8,z:f8,intensity:u2,return_number:u1,number_of_returns:u1," +
      "withheld:u1,scanner_channel:u1,classification:u1,scan_angle:i2," +
      "gps_time:f8,red:u2,green:u2,blue:u2,nir:u2",
    [
      [1, 2, 3, 500, 2, 15, 1, 3, 6, -1000, 1.5, 1, 65535, 300, 7],
      [4, 5, 6, 501, 15, 2, 0, 0, 255, 1000, 2.5, 2, 3, 4, 8],
    ],
  );
  const first = await decodeLas(encodeLas(cloud));
  for (const { name } of cloud.fields) {
    assertEquals(column(first, name), column(cloud, name), name);
  }
  const again = await decodeLas(encodeLas(first));
  assertEquals(again.fields, first.fields);
  assertEquals(again.data, first.data);
  // Four bits don't hold a number of 16.
  const more = typedCloud("x,y,z,return_number:u1", [[1, 2, 3, 16]]);
  const read = await decodeLas(encodeLas(more));
  assertEquals([...column(read, "return_number")], [1]);
  assertEquals([...column(read, "return_number_2")], [16]);
});

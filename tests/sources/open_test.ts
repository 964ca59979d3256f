import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { namesOf, toFloat32 } from "../../lib/points/cloud.ts";
import { parseFieldList } from "../../lib/points/field.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { SourceError } from "../../lib/sources/errors.ts";
import { openSource } from "../../lib/sources/open.ts";
import { type SourceCloud, withTime } from "../../lib/sources/source.ts";
import { testWith } from "../support.ts";

const log = createLogger({ write() {} });

async function firstOf(name: string, list?: string) {
  const fields = list === undefined ? undefined : parseFieldList(list);
  const { streams } = await openSource(name, { points: 12, fields, log });
  const [{ source }] = streams;
  const given = await source.next(0, 0);
  assert(given);
  return { source, cloud: withTime(given).cloud };
}

Deno.test("openSource() opens the synthetic sources, at the rate's pace", async () => {
  const random = await firstOf("random");
  assertEquals(random.cloud.points, 12);
  assertEquals(namesOf(random.cloud.fields), ["x", "y", "z"]);
  const lidar = await firstOf("lidar");
  assertEquals(namesOf(lidar.cloud.fields), ["x", "y", "z", "intensity"]);
  const rgbd = await firstOf("rgbd");
  assertEquals(namesOf(rgbd.cloud.fields), ["x", "y", "z", "rgb"]);
  assertEquals([rgbd.cloud.width, rgbd.cloud.height], [4, 3]);
  for (const { source } of [random, lidar, rgbd]) {
    assertEquals(source.pace ?? "rate", "rate");
  }
});

Deno.test("openSource() cuts clouds down to the fields that are named", async () => {
  const { cloud } = await firstOf("lidar", "x,y,z");
  assertEquals(namesOf(cloud.fields), ["x", "y", "z"]);
  const whole = await firstOf("lidar");
  assertEquals(toFloat32(cloud), toFloat32(whole.cloud, ["x", "y", "z"]));
  await assertRejects(
    () => firstOf("lidar", "x,y,z,ring"),
    PointsError,
    "no field ring; it has x, y, z, intensity",
  );
});

testWith(
  [],
  "openSource() refuses a name that stands for nothing",
  async () => {
    await assertRejects(
      () => openSource("no/such/file.pcd", { points: 1, log }),
      SourceError,
      "There is no file or folder no/such/file.pcd",
    );
    for (const name of ["random", "-", "README.md"]) {
      await assertRejects(
        () => openSource(name, { follow: true, log }),
        SourceError,
        `${name} is no folder that could be followed`,
      );
    }
  },
);

Deno.test("withTime() keeps a time that is given, or says now", async () => {
  const { cloud } = await firstOf("random");
  const timed: SourceCloud = { cloud, captureTime: 5 };
  assertEquals(withTime(timed), timed);
  const before = Date.now();
  const { captureTime } = withTime(cloud);
  assert(captureTime >= before && captureTime <= Date.now());
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { SourceError } from "../../lib/sources/errors.ts";
import { openSource } from "../../lib/sources/open.ts";
import { type SourceCloud, withTime } from "../../lib/sources/source.ts";
import { testWith } from "../support.ts";

const log = createLogger({ write() {} });

async function firstOf(name: string, fields?: string[]) {
  const source = await openSource(name, { points: 10, fields, log });
  const given = await source.next(0, 0);
  assert(given);
  return { source, cloud: withTime(given).cloud };
}

Deno.test("openSource() opens the synthetic sources, at the rate's pace", async () => {
  const random = await firstOf("random");
  assertEquals(random.cloud.points, 10);
  assertEquals(random.cloud.fields, ["x", "y", "z"]);
  const lidar = await firstOf("lidar");
  assertEquals(lidar.cloud.fields, ["x", "y", "z", "intensity"]);
  for (const { source } of [random, lidar]) {
    assertEquals(source.pace ?? "rate", "rate");
  }
});

Deno.test("openSource() cuts clouds down to the fields that are named", async () => {
  const { cloud } = await firstOf("lidar", ["x", "y", "z"]);
  assertEquals(cloud.fields, ["x", "y", "z"]);
  const whole = await firstOf("lidar");
  assertEquals(cloud.values.slice(3, 6), whole.cloud.values.slice(4, 7));
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

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/options.ts";
import { readStreams, STREAM_OPTIONS } from "../../lib/cli/stream_options.ts";
import { createLogger } from "../../lib/log.ts";

const SPEC = {
  ...STREAM_OPTIONS,
  name: { type: "text", help: "Of all" },
} as const;
const log = createLogger({ write: () => {} });

function read(...args: string[]) {
  return readStreams(args, SPEC, log);
}

Deno.test("readStreams() makes one stream of what names none", () => {
  const [stream, ...others] = read("--rate", "10", "--points", "5");
  assertEquals(others, []);
  assertEquals([stream.name, stream.rate], ["points", 10]);
  assertEquals(stream.place, undefined);
  assertEquals([stream.from.source, stream.from.points], ["random", 5]);
  assertEquals(read("--source", "front=lidar")[0].name, "front");
  assertEquals(read("--source", "./a=b.pcd")[0].from.source, "./a=b.pcd");
});

Deno.test("readStreams() gives each source the options behind it, and those of all", () => {
  const streams = read(
    ...["--rate", "10", "--source=front=lidar", "--points", "7"],
    ...["--name", "robot", "--source", "rear=rgbd", "--rate", "15"],
    ...["--codec", "raw", "--source", "top=a=b/"],
  );
  assertEquals(
    streams.map(({ name, rate, from: { source, points } }) => ({
      ...{ name, rate, source, points },
    })),
    [
      { name: "front", rate: 10, source: "lidar", points: 7 },
      { name: "rear", rate: 15, source: "rgbd", points: undefined },
      { name: "top", rate: 10, source: "a=b/", points: undefined },
    ],
  );
  const codecs = streams.map(({ name, createEncoder }) =>
    createEncoder(name).constructor.name
  );
  assertEquals(codecs, ["CloudiniEncoder", "RawEncoder", "CloudiniEncoder"]);
});

Deno.test("readStreams() says where sensors stand", () => {
  const [front, rear, top] = read(
    ...["--parent", "base", "--source", "front=lidar", "--pose", "1,-2,0.5"],
    ...["--source", "rear=lidar", "--pose", "0,0,0,0,0,180"],
    ...["--frame-id", "rear_lidar", "--source", "top=lidar"],
  ).map(({ place }) => place);
  assertEquals(front, {
    frameId: "front",
    parent: "base",
    pose: { translation: [1, -2, 0.5], rotation: [0, 0, 0, 1] },
  });
  assertEquals([rear?.frameId, rear?.parent], ["rear_lidar", "base"]);
  const [x, y, z, w] = rear!.pose!.rotation;
  assertEquals([x, y, z], [0, 0, 1]);
  assertAlmostEquals(w, 0, 1e-12);
  assertEquals(top, { frameId: "top", parent: "base" });
  // Forwards and a quarter turn to the left: roll, then pitch, then yaw.
  const [turned] = read("--pose", "0,0,0,90,0,90");
  const half = Math.SQRT1_2 ** 2;
  turned.place!.pose!.rotation.forEach((value) =>
    assertAlmostEquals(value, half)
  );
  assertEquals(turned.place?.parent, "base_link");
  assertEquals(read("--frame-id", "a")[0].place, { frameId: "a" });
});

Deno.test("readStreams() says what is wrong", () => {
  const cases: [args: string[], message: string][] = [
    [
      ["--source", "front=lidar", "--source", "rgbd"],
      '--source "rgbd" needs a name beside the others, such as front=rgbd',
    ],
    [
      ["--source", "a=lidar", "--source", "a=rgbd"],
      "Two streams are called a; a name is of one",
    ],
    [
      ["--source", "a=lidar", "--source", "b=rgbd", "--rate", "x"],
      '--rate is a number from 0.001 to 1000, not "x"',
    ],
    ...["1,2", "1,2,3,4", "a,b,c", "1,,3"].map((
      pose,
    ): [string[], string] => [
      ["--pose", pose],
      `--pose is X,Y,Z or X,Y,Z,ROLL,PITCH,YAW, in metres and degrees, not ` +
      `"${pose}"`,
    ]),
  ];
  for (const [args, message] of cases) {
    assertEquals(
      assertThrows(() => read(...args), UsageError).message,
      message,
    );
  }
});

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { namesOf, toFloat32 } from "../../../lib/points/cloud.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import type { OpenedSource } from "../../../lib/sources/opened_source.ts";
import { RosBridges } from "../../../lib/sources/ros/bridges.ts";
import { listSource } from "../../../lib/sources/list.ts";
import { openRosSource } from "../../../lib/sources/ros/ros_source.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import { testWith, until } from "../../support.ts";
import { startRobot } from "./robot.ts";

const POINTS = 500;

/** The demo's scan: a number's points, or the same from back to front. */
function scan(number: number): number[][] {
  return Array.from({ length: POINTS }, (_, i) => {
    const angle = i * (2 * Math.PI * 16 / POINTS) + number / 20;
    const radius = 4 + Math.sin(3 * angle + number / 10);
    const ring = Math.floor(i * 16 / POINTS);
    return [
      radius * Math.cos(angle),
      radius * Math.sin(angle),
      ring * 0.15 - 0.5,
      number,
    ];
  });
}

function checkCloud({ cloud }: TimedCloud, isReversed: boolean): number {
  assertEquals(namesOf(cloud.fields), ["x", "y", "z", "intensity"]);
  const values = toFloat32(cloud);
  const number = values[3];
  const expected = isReversed ? scan(number).reverse() : scan(number);
  assertEquals(values.length, 4 * POINTS);
  for (const [i, value] of expected.flat().entries()) {
    assertAlmostEquals(values[i], value, 1e-4);
  }
  return number;
}

async function nextOf(
  { streams }: OpenedSource,
  name: string,
): Promise<TimedCloud> {
  const { source } = streams.find((stream) => stream.name === name)!;
  return await source.next(0, 0) as TimedCloud;
}

async function dispose({ streams }: OpenedSource): Promise<void> {
  for (const { source } of streams) await source[Symbol.asyncDispose]?.();
}

testWith(
  ["robot"],
  "A robot's clouds come value by value, in their places",
  async () => {
    await using robot = await startRobot({ points: POINTS });
    const log = createLogger({ level: "error" });
    const bridges = new RosBridges({ log });
    const opened = await openRosSource("ros:*", {
      ...{ bridges, url: robot.url, log },
    });
    try {
      assertEquals(opened.streams.map(({ name }) => name), [
        "front/points",
        "rear/points",
      ]);
      // Transforms may come after the first cloud.
      for (let i = 0; i < 3; i++) {
        const front = await nextOf(opened, "front/points");
        const rear = await nextOf(opened, "rear/points");
        checkCloud(front, false);
        checkCloud(rear, true);
        const late = Date.now() - front.captureTime;
        assert(late >= 0 && late < 60_000, `captured ${late} ms ago`);
        if (i === 0) continue;
        assertEquals(rear.place?.frameId, "rear_lidar");
        assertEquals(rear.place?.parent, "map");
        const [qx, qy, qz, qw] = rear.place!.pose!.rotation;
        assertAlmostEquals(Math.abs(qz), 1, 1e-9);
        for (const zero of [qx, qy, qw]) assertAlmostEquals(zero, 0, 1e-9);
        const [x, y, z] = rear.place!.pose!.translation;
        const [frontX] = front.place!.pose!.translation;
        assert(x >= -2 && x <= 0 && y === 0 && z === 0.5, `${x} ${y} ${z}`);
        assertAlmostEquals(frontX - x, 2, 0.1);
      }
    } finally {
      await dispose(opened);
    }
  },
);

testWith(
  ["robot"],
  "A robot that is started again goes on, under the same topics",
  async () => {
    const log = createLogger({ level: "error" });
    const bridges = new RosBridges({ log });
    const first = await startRobot({ points: POINTS });
    const { url, port } = first;
    const opened = await openRosSource(
      `foxglove+${url}/front/points`,
      { bridges, log },
    );
    try {
      for (let i = 0; i < 5; i++) {
        checkCloud(await nextOf(opened, "front/points"), false);
      }
      await first[Symbol.asyncDispose]();
      await using _second = await startRobot({ points: POINTS, port });
      const startedAgain = Date.now();
      await until(async () => {
        const cloud = await nextOf(opened, "front/points");
        checkCloud(cloud, false);
        return cloud.captureTime >= startedAgain;
      }, { what: "a cloud of the second", within: 20_000 });
    } finally {
      await dispose(opened);
    }
  },
);

testWith(
  ["robot"],
  "A topic of pictures is no source of clouds, and says which are",
  async () => {
    await using robot = await startRobot({ points: POINTS });
    const log = createLogger({ level: "error" });
    const bridges = new RosBridges({ log });
    const error = await assertRejects(
      () => openRosSource("ros:/camera", { bridges, url: robot.url, log }),
      SourceError,
    );
    assertEquals(
      error.message,
      "The topic /camera has foxglove.CompressedImage in protobuf, which is no " +
        "cloud that is read; there are /front/points, /rear/points",
    );
  },
);

testWith(
  ["robot"],
  "The topics of a robot are listed, and what can be sent of them",
  async () => {
    await using robot = await startRobot({ points: POINTS });
    const log = createLogger({ level: "error" });
    const topics = await listSource("ros:*", { ros: robot.url, log });
    assertEquals(
      topics.map(({ name, type, use }) => [name, type, use]),
      [
        ["/camera", "foxglove.CompressedImage", "pictures"],
        ["/front/points", "foxglove.PointCloud", "points"],
        ["/rear/points", "sensor_msgs/msg/PointCloud2", "points"],
        ["/tf", "foxglove.FrameTransforms", "places"],
      ],
    );
    for (const { rate } of topics) assertGreater(rate!, 0);
    await assertRejects(
      () => listSource("ros:*", { ros: "ws://127.0.0.1:9", log }),
      SourceError,
      "doesn't answer as a Foxglove server",
    );
  },
);

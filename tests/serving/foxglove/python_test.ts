/** The door as a client of other people sees it, and a reader that isn't ours. */
import { assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { cloudOf, startPublisher, startServer } from "../../playing/scene.ts";
import { ROOT, testWith } from "../../support.ts";

testWith(
  ["foxglove client"],
  "A client and a reader in Python have clouds and transforms, value by value",
  async () => {
    await using server = await startServer();
    await using publisher = await startPublisher(server, {
      name: "robot-7",
      place: {
        frameId: "lidar",
        parent: "base_link",
        pose: { translation: [1, 0, 0.5], rotation: [0, 0, 0, 1] },
      },
    });
    publisher.source.send(1);
    const url = `${server.url.replace("http", "ws")}/foxglove`;
    const { stdout, stderr, success } = await new Deno.Command(
      Deno.env.get("ROS_PYTHON")!,
      {
        args: [
          `${ROOT}tests/serving/foxglove/tool.py`,
          ...[url, "/robot-7/points", "/tf"],
        ],
      },
    ).output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
    const lines = new TextDecoder().decode(stdout).trim().split("\n")
      .map((line) => JSON.parse(line))
      .toSorted((a, b) => a.topic < b.topic ? -1 : 1);
    const sent = cloudOf(0);
    const FLOAT32 = 7;
    assertEquals(lines, [
      {
        topic: "/robot-7/points",
        frame: "robot-7/lidar",
        points: sent.points,
        stride: 16,
        fields: sent.fields.map(({ name }, i) => [name, 4 * i, FLOAT32]),
        crc: crc32(sent.data),
      },
      {
        topic: "/tf",
        parent: "robot-7/base_link",
        child: "robot-7/lidar",
        translation: [1, 0, 0.5],
      },
    ]);
  },
);

/** The Foxglove door, with Foxglove's own client. */
import { assert, assertEquals } from "@std/assert";
import { cloudOf, startPublisher, startServer } from "../../playing/scene.ts";
import { testWith } from "../../support.ts";
import { Tool } from "./tool.ts";

const NAME = "robot-7";

testWith(
  ["ffmpeg"],
  "A tool is shown the clouds of a session, value by value, and where they stand",
  async () => {
    await using server = await startServer();
    await using publisher = await startPublisher(server, {
      name: NAME,
      place: {
        frameId: "lidar",
        parent: "base_link",
        pose: { translation: [1, 0, 0.5], rotation: [0, 0, 0, 1] },
      },
    });
    publisher.source.send(1);
    using tool = new Tool(server);
    await tool.subscribe(`/${NAME}/points`);
    await tool.subscribe("/tf");
    assertEquals(tool.name, "pointwire");
    const { value, timestamp } = await tool.next(`/${NAME}/points`);
    const sent = cloudOf(0);
    assertEquals(value.header.frame_id, `${NAME}/lidar`);
    assertEquals(value.width, sent.points);
    assertEquals(
      value.fields.map(({ name }: { name: string }) => name),
      sent.fields.map(({ name }) => name),
    );
    assertEquals(value.data, sent.data);
    const age = Date.now() - Number(timestamp / 1_000_000n);
    assert(Math.abs(age) < 60_000, `the server's time is ${age} ms old`);
    const { value: tf } = await tool.next("/tf");
    const [transform] = tf.transforms;
    assertEquals(transform.header.frame_id, `${NAME}/base_link`);
    assertEquals(transform.child_frame_id, `${NAME}/lidar`);
    assertEquals({ ...transform.transform.translation }, {
      x: 1,
      y: 0,
      z: 0.5,
    });
    publisher.source.send(1);
    const second = await tool.next(`/${NAME}/points`, 2);
    assertEquals(second.value.data, cloudOf(1).data);
  },
);

/** The Foxglove door, with Foxglove's own client. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
} from "@std/assert";
import { FOXGLOVE_SUBPROTOCOLS } from "../../../lib/ros/foxglove_wire.ts";
import {
  cloudOf,
  log,
  startPublisher,
  startServer,
} from "../../playing/scene.ts";
import { testWith, until } from "../../support.ts";
import { Tool } from "./tool.ts";

const NAME = "robot-7";
const POINTS = `/${NAME}/points`;

testWith(
  [],
  "A tool has the clouds of a session, value by value, and where they stand",
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
    for (const protocol of FOXGLOVE_SUBPROTOCOLS) {
      using tool = new Tool({ url: server.url, protocol });
      await tool.subscribe(POINTS);
      await tool.subscribe("/tf");
      assertEquals(tool.name, "pointwire");
      assertEquals(tool.socket.protocol, protocol);
      // One that comes late has the newest cloud at once.
      const { value, timestamp } = await tool.next(POINTS);
      const sent = cloudOf(0);
      assertEquals(value.header.frame_id, `${NAME}/lidar`);
      assertEquals([value.width, value.height], [sent.points, 1]);
      assertEquals(
        value.fields.map(({ name }: { name: string }) => name),
        sent.fields.map(({ name }) => name),
      );
      assertEquals(value.data, sent.data);
      const age = Date.now() - Number(timestamp / 1_000_000n);
      assert(Math.abs(age) < 60_000, `the server's time is ${age} ms old`);
      const { value: { transforms: [tf] } } = await tool.next("/tf");
      assertEquals(tf.header.frame_id, `${NAME}/base_link`);
      assertEquals(tf.child_frame_id, `${NAME}/lidar`);
      const { x, y, z } = tf.transform.translation;
      assertEquals([x, y, z], [1, 0, 0.5]);
    }
    using tool = new Tool(server);
    await tool.subscribe(POINTS);
    await tool.next(POINTS);
    publisher.source.send(1);
    assertEquals((await tool.next(POINTS, 2)).value.data, cloudOf(1).data);
  },
);

testWith(
  [],
  "A session's feed is taken while a tool has something of it",
  async () => {
    await using server = await startServer();
    await using publisher = await startPublisher(server, { name: NAME });
    publisher.source.send(1);
    const watchers = async () => (await server.host.sessions())[0].watchers;
    using tool = new Tool(server);
    using other = new Tool(server);
    // What is counted anyhow takes no feed.
    await tool.subscribe(`/${NAME}/stats`);
    await tool.next(`/${NAME}/stats`);
    assertEquals(await watchers(), 0);
    const subscription = await tool.subscribe(POINTS);
    await other.subscribe(POINTS);
    await tool.next(POINTS);
    await other.next(POINTS);
    await until(async () => await watchers() === 2, { what: "two watchers" });
    await until(async () => {
      const [{ forwarded }] = await server.host.sessions();
      return forwarded.bytesSent > 2 * cloudOf(0).data.length;
    }, { what: "that what both were sent is counted" });
    tool.unsubscribe(subscription);
    await until(async () => await watchers() === 1, { what: "one watcher" });
    publisher.source.send(1);
    await other.next(POINTS, 2);
    assertEquals(tool.of(POINTS).length, 1);
    other.socket.close();
    await until(async () => await watchers() === 0, { what: "no watcher" });
    // And again.
    await tool.subscribe(POINTS);
    await tool.next(POINTS, 2);
    const newest = () => tool.of(`/${NAME}/stats`).at(-1)!.value;
    await until(() => newest().points.frames === 2, { what: "both counted" });
    assertEquals(newest().streams[0].name, "points");
  },
);

testWith([], "Channels come and go with sessions and streams", async () => {
  await using server = await startServer();
  using tool = new Tool(server);
  await until(() => tool.topics.length === 1, { what: "the first topic" });
  assertEquals(tool.topics, ["/tf"]);
  await using one = await startPublisher(server, { name: "one" });
  await until(() => tool.topics.includes("/one/stats"), { what: "a session" });
  assertEquals(tool.topics, ["/one/stats", "/tf"]);
  one.source.send(1);
  await tool.subscribe("/one/points");
  const { value: first } = await tool.next("/one/points");
  {
    await using two = await startPublisher(server, { name: "two" });
    two.source.send(1);
    await tool.subscribe("/two/points");
    const { value: second } = await tool.next("/two/points");
    // Frames of two robots can be told apart.
    assertEquals(
      [first, second].map(({ header }) => header.frame_id),
      ["one/points", "two/points"],
    );
    assertEquals(tool.topics, [
      ...["/one/points", "/one/stats", "/tf", "/two/points", "/two/stats"],
    ]);
  }
  await until(() => tool.topics.length === 3, { what: "the end of a session" });
  assertEquals(tool.topics, ["/one/points", "/one/stats", "/tf"]);
  one.source.send(1);
  await tool.next("/one/points", 2);
  // One of the same name has channels of its own, under the same topics.
  const before = tool.channels.get("/one/points")!.id;
  await one.stop();
  await until(() => tool.topics.length === 1, { what: "the end of all" });
  await using again = await startPublisher(server, { name: "one" });
  again.source.send(1);
  await tool.subscribe("/one/points");
  await tool.next("/one/points", 3);
  assertGreater(tool.channels.get("/one/points")!.id, before);
});

testWith([], "A stream may be called as something else is", async () => {
  await using server = await startServer();
  const source = { next: () => cloudOf(0) };
  const streams = ["stats", "points\u0007"].map((name) => ({
    ...{ name, source, rate: 2 },
  }));
  await using _ = await startPublisher(server, {
    name: NAME,
    streams,
  });
  using tool = new Tool(server);
  await until(() => tool.topics.length === 4, { what: "all topics" });
  assertEquals(tool.topics, [
    `/${NAME}/points\\u0007`,
    `/${NAME}/stats`,
    `/${NAME}/stats_2`,
    "/tf",
  ]);
});

testWith([], "A server that stops hangs up on its tools", async () => {
  const server = await startServer();
  using tool = new Tool(server);
  await until(() => tool.topics.length > 0, { what: "the first topic" });
  await server.close("it was asked to");
  assertEquals((await tool.end()).code, 1001);
});

testWith([], "Sessions in Workers are shown like those here", async () => {
  const { WorkerHost } = await import("../../../lib/hosting/worker_host.ts");
  const host = new WorkerHost({
    ...{ workers: 1, log },
    settings: { log: { level: "error", format: "text" } },
  });
  await using server = await startServer({ host });
  // A Worker that says no is up: one that starts would keep a client waiting.
  await assertRejects(() => host.publish({ offer: "", remote: "127.0.0.1" }));
  await using publisher = await startPublisher(server, { name: NAME });
  publisher.source.send(1);
  using tool = new Tool(server);
  await tool.subscribe(POINTS);
  assertEquals((await tool.next(POINTS)).value.data, cloudOf(0).data);
  publisher.source.send(1);
  assertEquals((await tool.next(POINTS, 2)).value.data, cloudOf(1).data);
});

/** What a bridge can do to us that is beyond measure. */
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertRejects,
} from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { RosBridge } from "../../../lib/sources/ros/bridge.ts";
import { RosBridges } from "../../../lib/sources/ros/bridges.ts";
import { openRosSource } from "../../../lib/sources/ros/ros_source.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { pause, testWith, until } from "../../support.ts";
import { startBridge } from "./bridge.ts";

const CLOUD = "sensor_msgs/msg/PointCloud2";

function logOf() {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  return { lines, log };
}

testWith(
  ["robot", "ffmpeg"],
  "A message that is too large is passed over, and takes no other with it",
  async () => {
    const topic = (name: string, bytes: number) => ({
      ...{ topic: name, type: CLOUD, encoding: "cdr" },
      messages: [new Uint8Array(bytes)],
    });
    await using served = await startBridge({
      topics: [topic("/huge", 300_000), topic("/small", 1_000)],
    });
    const { lines, log } = logOf();
    const { url } = served;
    await using bridge = new RosBridge({ url, log, maxMessageBytes: 100_000 });
    const sizes: number[] = [];
    for (const topic of ["/huge", "/small"]) {
      bridge.subscribe(topic, ({ data }) => sizes.push(data.length));
    }
    await until(() => sizes.length >= 15, { what: "small messages" });
    assertEquals(new Set(sizes), new Set([1_000]));
    const said = lines.filter((line) => line.includes("at most 100000"));
    assert(said.length >= 1 && said.length < 15, `${said.length} lines`);
  },
);

testWith(
  ["robot", "ffmpeg"],
  "A message that Deno takes for too large costs a connection, and no memory",
  async () => {
    await using served = await startBridge({
      topics: [
        {
          ...{ topic: "/huge", type: CLOUD, encoding: "cdr" },
          messages: [new Uint8Array(70_000_000)],
        },
      ],
    });
    const { lines, log } = logOf();
    const before = Deno.memoryUsage().rss;
    await using bridge = new RosBridge({ url: served.url, log });
    let came = 0;
    bridge.subscribe("/huge", () => came++);
    await until(
      () => lines.filter((line) => line.includes("is gone")).length >= 2,
      { what: "connections that are lost", within: 30_000 },
    );
    assertEquals(came, 0);
    assertLess(Deno.memoryUsage().rss - before, 300e6);
  },
);

testWith(
  ["robot", "ffmpeg"],
  "Of a flood of topics some are kept, and said to be too many",
  async () => {
    await using served = await startBridge({ more: 5_000 });
    const { lines, log } = logOf();
    const { url } = served;
    await using bridge = new RosBridge({ url, log });
    await until(() => bridge.topics.size === 4_096, { what: "topics" });
    await until(() => lines.some((line) => line.includes("more than 4096")), {
      what: "a word about the others",
    });
    assertLess(lines.length, 20);
    const bridges = new RosBridges({ log });
    await assertRejects(
      () => openRosSource("ros:/nothing/*", { bridges, url, log }),
      SourceError,
      "and at most 64 are taken",
    );
  },
);

testWith(
  [],
  "A bridge that hangs up at once isn't asked without end",
  async () => {
    let connections = 0;
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => {
        connections++;
        const { socket, response } = Deno.upgradeWebSocket(request, {
          protocol: "foxglove.sdk.v1",
        });
        socket.onopen = () => socket.close();
        return response;
      },
    );
    const { lines, log } = logOf();
    const url = `ws://127.0.0.1:${server.addr.port}`;
    await using _bridge = new RosBridge({ url, log });
    await until(() => connections >= 2, { what: "a second connection" });
    await pause(3_000);
    // From 0.5 s the time between them doubles to 2 s.
    assertLessOrEqual(connections, 9);
    assertLessOrEqual(lines.length, 2 * connections);
  },
);

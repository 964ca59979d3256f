/** A server that has what another one's Foxglove door gives. */
import { assertEquals, assertRejects } from "@std/assert";
import { createAuthorize } from "../../../lib/auth/authorize.ts";
import { knownToken } from "../../../lib/auth/tokens.ts";
import { createLogger } from "../../../lib/log.ts";
import { toFloat32 } from "../../../lib/points/cloud.ts";
import { openRosSource } from "../../../lib/sources/ros/ros_source.ts";
import { RosBridges } from "../../../lib/sources/ros/bridges.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import {
  cloudOf,
  log,
  startPublisher,
  startServer,
} from "../../playing/scene.ts";
import { makeIdentity } from "../../auth/certificates.ts";
import { testWith, until } from "../../support.ts";

testWith([], "One server's door is another client's source", async () => {
  await using server = await startServer();
  const pose = { translation: [0, 0, 2], rotation: [0, 0, 0, 1] } as const;
  await using publisher = await startPublisher(server, {
    ...{ name: "robot-7", reconnectFor: 0 },
    place: { frameId: "lidar", parent: "map", pose },
  });
  publisher.source.send(1);
  const door = `${server.url.replace("http", "foxglove+ws")}/foxglove`;
  const { streams } = await openRosSource(`${door}#/robot-7/points`, {
    ...{ bridges: new RosBridges({ log }), log },
  });
  const [{ name, source }] = streams;
  try {
    assertEquals(name, "robot-7/points");
    const first = await source.next(0, 0) as TimedCloud;
    assertEquals(toFloat32(first.cloud), toFloat32(cloudOf(0)));
    // Where it stands is told by another topic, which may come later.
    let last = first;
    for (let i = 1; last.place?.parent === undefined && i < 50; i++) {
      publisher.source.send(1);
      last = await source.next(0, 0) as TimedCloud;
      assertEquals(toFloat32(last.cloud), toFloat32(cloudOf(i)));
    }
    assertEquals(last.place, {
      ...{ frameId: "robot-7/lidar", parent: "robot-7/map", pose },
    });
  } finally {
    await source[Symbol.asyncDispose]?.();
  }
});

testWith([], "A token in a bridge's URL is not shown", async () => {
  await using server = await startServer({
    authorize: createAuthorize({ open: [], tokens: () => [] }),
  });
  const lines: string[] = [];
  const log = createLogger({
    write: (line) => void lines.push(line),
    level: "debug",
  });
  const stop = new AbortController();
  const bridges = new RosBridges({ log, signal: stop.signal });
  const name = `${server.url.replace("http", "foxglove+ws")}/foxglove` +
    "?token=s3cret#/robot-7/points";
  const opened = openRosSource(name, { bridges, log });
  await until(() => lines.some((line) => line.includes("can't be reached")), {
    what: () => `a refusal, not ${lines}`,
  });
  stop.abort();
  await assertRejects(() => opened);
  assertEquals(lines.filter((line) => line.includes("s3cret")), []);
});

testWith([], "A door behind TLS takes a token in its URL", async () => {
  const { cert, key, ca } = await makeIdentity();
  const token = "s3cret";
  const rights = { publish: "all", watch: "all" } as const;
  await using server = await startServer({
    tls: { cert, key },
    authorize: createAuthorize({
      open: [],
      tokens: () => [knownToken(token, { rights }, "test")],
    }),
  });
  await using publisher = await startPublisher(server, {
    ...{ name: "robot-7", token, caCerts: [ca] },
  });
  publisher.source.send(1);
  const name = `${server.url.replace("http", "foxglove+ws")}/foxglove` +
    `?token=${token}#/robot-7/points`;
  const { streams: [{ source }] } = await openRosSource(name, {
    ...{ bridges: new RosBridges({ log, caCerts: [ca] }), log },
  });
  try {
    for (let number = 0; number < 3; number++) {
      const { cloud } = await source.next(0, 0) as TimedCloud;
      assertEquals(toFloat32(cloud), toFloat32(cloudOf(number)));
      publisher.source.send(1);
    }
  } finally {
    await source[Symbol.asyncDispose]?.();
  }
});

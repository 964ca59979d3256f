import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { createCloud, pointCloud } from "../../lib/points/cloud.ts";
import { createLogger } from "../../lib/log.ts";
import { openMcap } from "../../lib/sources/bags/mcap/open_mcap.ts";
import { smallDisk, temporaryFolder, testWith, until } from "../support.ts";
import { frameOf, openRecorder, record } from "./fed_recorder.ts";
import { onlyFile, readCutRecording, readRecording } from "./read_recording.ts";

/** Points of several types, two rows of them. */
function typedCloud() {
  const data = crypto.getRandomValues(new Uint8Array(6 * 22));
  return createCloud({
    data,
    height: 2,
    fields: [
      { name: "x", type: "float32", offset: 0 },
      { name: "y", type: "float32", offset: 4 },
      { name: "z", type: "float32", offset: 8 },
      { name: "ring", type: "uint16", offset: 12 },
      { name: "time", type: "float64", offset: 14 },
    ],
    stride: 22,
  });
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const copy = new Uint8Array(bytes);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", copy)).toHex();
}

function randomCloud(points: number) {
  const values = new Float32Array(3 * points);
  return pointCloud(values.map(() => Math.random() * 100));
}

testWith(
  ["bag writers"],
  "A recording is read value by value with ROS's own types",
  async () => {
    await using folder = await temporaryFolder();
    const { recorder, lines } = openRecorder({ folder: folder.path });
    const { feed, end } = record(recorder, "robot-7/front");
    const cloud = typedCloud();
    const before = Date.now();
    const captureTime = before - 250.125;
    const clock = { offset: 100, error: 1 };
    feed.frame(frameOf(cloud, { captureTime, clock, stream: "lidar" }));
    feed.frame(frameOf(randomCloud(10_000), { stream: "rear" }, "cloudini"));
    end();
    await until(() => lines.some(({ message }) => message === "recorded"), {
      what: "the end of the recording",
    });
    const path = `${folder.path}/robot-7_front-20261130T010203Z.mcap`;
    const { file, messages } = await readRecording(path);
    assertEquals(file.profile, "ros2");
    assertEquals(file.messages, 2);
    assertEquals(file.metadata[0].session, "robot-7/front");
    assertEquals(file.metadata[0].start, "2026-11-30T01:02:03.456Z");
    const lidar = messages.find(({ topic }) => topic === "/lidar")!;
    assertEquals(lidar.type, "sensor_msgs/msg/PointCloud2");
    assertEquals(lidar.frameId, "lidar");
    assertEquals([lidar.width, lidar.height], [3, 2]);
    assertEquals(lidar.fields, [
      ["x", 0, 7, 1],
      ["y", 4, 7, 1],
      ["z", 8, 7, 1],
      ["ring", 12, 4, 1],
      ["time", 14, 8, 1],
    ]);
    assertEquals(lidar.sha256, await sha256(cloud.data));
    // By the server's clock, to the microsecond.
    assertEquals(lidar.stamp, captureTime - clock.offset);
    assertGreater(lidar.logTime, before - 1);
    const rear = messages.find(({ topic }) => topic === "/rear")!;
    assertEquals([rear.width, rear.bytes], [10_000, 120_000]);
  },
);

testWith(
  ["bag writers"],
  "Cloudini is recorded as it came where that is asked for",
  async () => {
    await using folder = await temporaryFolder();
    const options = { folder: folder.path, points: "cloudini" } as const;
    const { recorder } = openRecorder(options);
    const { feed } = record(recorder, "robot");
    const encoded = frameOf(randomCloud(1000), {}, "cloudini");
    feed.frame(encoded);
    feed.frame(frameOf(typedCloud(), { stream: "typed" }));
    await recorder.close();
    const { messages } = await readRecording(onlyFile(folder.path, ".mcap"));
    const [cloudini, typed] = messages;
    assertEquals(
      [cloudini.type, cloudini.format],
      ["point_cloud_interfaces/msg/CompressedPointCloud2", "cloudini"],
    );
    assertEquals(cloudini.sha256, await sha256(encoded.bytes));
    assertEquals(typed.type, "sensor_msgs/msg/PointCloud2");
  },
);

testWith(
  ["bag writers"],
  "A place that stands is said once, one that moves with each cloud",
  async () => {
    await using folder = await temporaryFolder();
    const { recorder } = openRecorder({ folder: folder.path });
    const { feed } = record(recorder, "robot");
    const cloud = typedCloud();
    const poseAt = (x: number) => ({
      ...{ frameId: "lidar", parent: "map" },
      pose: { translation: [x, 2, 3], rotation: [0, 0, 0.6, 0.8] },
    } as const);
    [0, 0, 1, 1].forEach((x, number) => {
      feed.frame(frameOf(cloud, { number, place: poseAt(x) }));
    });
    await recorder.close();
    const { messages } = await readRecording(onlyFile(folder.path, ".mcap"));
    const said = messages.flatMap(({ topic, transforms = [] }) =>
      transforms.map(({ parent, child, translation, rotation }) => [
        ...[topic, parent, child, translation[0]],
        rotation[3],
      ])
    );
    assertEquals(said, [
      ["/tf_static", "map", "lidar", 0, 0.8],
      ["/tf", "map", "lidar", 1, 0.8],
      ["/tf", "map", "lidar", 1, 0.8],
    ]);
  },
);

testWith(
  ["bag writers"],
  "What came is in the file within a second, whatever ends it",
  async () => {
    await using folder = await temporaryFolder();
    const { recorder } = openRecorder({ folder: folder.path });
    const { feed } = record(recorder, "robot");
    feed.frame(frameOf(typedCloud()));
    const path = `${folder.path}/robot-20261130T010203Z.mcap`;
    await until(() => Deno.stat(path).catch(() => undefined), {
      what: "the file",
    });
    await until(async () => (await readCutRecording(path)).length === 1, {
      what: "the first cloud, with nothing after it",
    });
    const log = createLogger({ write: () => {} });
    {
      using bag = await openMcap(path, { name: path, log });
      const counts = await bag.countMessages();
      assertEquals([...counts.values()], [1]);
      assert(bag.damage !== undefined);
    }
    await recorder.close();
    using bag = await openMcap(path, { name: path, log });
    assertEquals(bag.damage, undefined);
  },
);

testWith(
  ["bag writers"],
  "A long recording goes on in other files, each whole by itself",
  async () => {
    await using folder = await temporaryFolder();
    const options = { folder: folder.path, maxBytes: 2 ** 20 };
    const { recorder, lines } = openRecorder(options);
    const { feed } = record(recorder, "robot");
    const place = { frameId: "lidar", parent: "map" };
    const filesDone = () =>
      lines.filter(({ message }) => message === "recorded").length;
    let number = 0;
    await until(() => {
      feed.frame(frameOf(randomCloud(50_000), { number: number++, place }));
      return filesDone() >= 2;
    }, { what: "two files" });
    await recorder.close();
    const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    let clouds = 0;
    for (const name of names) {
      const { messages } = await readRecording(`${folder.path}/${name}`);
      assertEquals(messages[0].topic, "/tf_static", name);
      clouds += messages.filter(({ topic }) => topic === "/points").length;
    }
    assertEquals(clouds, number);
    assertEquals(recorder.counters.openFiles, 0);
    assertEquals(recorder.counters.dropped, 0);
  },
);

testWith(
  ["bag writers", "small disk"],
  "A full disk is said once a file, and what it took can be read",
  async () => {
    // More than a chunk, less than four.
    await using disk = await smallDisk(16 * 1024);
    const { recorder, lines } = openRecorder({ folder: disk.path });
    const { feed } = record(recorder, "robot");
    const failed = () =>
      lines.filter(({ message }) => message === "recording not whole");
    let number = 0;
    await until(() => {
      feed.frame(frameOf(randomCloud(50_000), { number: number++ }));
      return failed().length > 0;
    }, { what: "word of the full disk" });
    assertMatch(String(failed()[0].error), /no space left on device/);
    const path = onlyFile(disk.path, ".mcap");
    const kept = await readCutRecording(path);
    assertGreater(kept.length, 0);
    const dropped = recorder.counters.dropped;
    feed.frame(frameOf(randomCloud(50_000), { number: number++ }));
    assertEquals(recorder.counters.dropped, dropped + 1);
    assertEquals(recorder.counters.errors, 1);
    await recorder.close();
    assertEquals(failed().length, 1);
  },
);

testWith([], "A folder that can't be used is refused by name", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  await Deno.writeTextFile(path, "");
  try {
    openRecorder({ folder: path });
  } catch (error) {
    return assertMatch(String(error), /^RecordingError: Can't record into /);
  }
  throw new Error("It was taken");
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { column, pointCloud } from "../../../lib/points/cloud.ts";
import { encodeFile } from "../../../lib/points/formats.ts";
import { findBag } from "../../../lib/sources/bags/open_bag.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { listSource } from "../../../lib/sources/list.ts";
import { openSource } from "../../../lib/sources/open.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import { withTime } from "../../../lib/sources/source.ts";
import { ROOT, testWith, until } from "../../support.ts";
import { watchTemporaryFiles } from "./temporary_files.ts";
import { writeBagsWith } from "./write_bags.ts";

/** Bags as tests/sources/bags/write_bags.py makes them. */
const writeBags = (...which: "all"[]) =>
  writeBagsWith("write_bags.py", ...which);

/** Plays all streams of a bag to their ends, fast. */
async function playAll(
  name: string,
  options: { start?: number; fixedFrame?: string; speed?: number } = {},
) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const playing = { speed: 20, ...options };
  const { streams } = await openSource(name, { ...playing, log });
  const played = await Promise.all(streams.map(async ({ name, source }) => {
    assertEquals(source.pace, "source");
    const clouds: TimedCloud[] = [];
    for (let given; (given = await source.next(0, 0));) {
      clouds.push(withTime(given));
    }
    await source[Symbol.asyncDispose]?.();
    return [name!, clouds] as const;
  }));
  return { played: new Map(played), lines };
}

/** What the cloud of a number in a stream holds. */
function assertCloud({ cloud }: TimedCloud, number: number, base: number) {
  assertEquals(column(cloud, "x"), new Float32Array(100).fill(base + number));
  const points = Float32Array.from({ length: 100 }, (_, i) => i);
  assertEquals(column(cloud, "y"), points);
  assertEquals(column(cloud, "z"), points.map((n) => -n / 2));
}

function assertWhole(played: Map<string, TimedCloud[]>) {
  assertEquals([...played.keys()].toSorted(), ["front/points", "rear_points"]);
  for (const [name, base] of [["front/points", 0], ["rear_points", 1000]]) {
    const clouds = played.get(`${name}`)!;
    assertEquals(clouds.length, 10);
    clouds.forEach((cloud, i) => assertCloud(cloud, i, Number(base)));
  }
}

const WHOLE = [
  ...["zstd.mcap", "lz4.mcap", "none.mcap", "unchunked.mcap"],
  ...["unindexed.mcap", "sqlite", "sqlite/sqlite.db3", "rosbag2"],
  ...["file_db3", "file_mcap/file_mcap.mcap.zstd", "split_file"],
  ...["message_db3", "message_mcap", "message_db3/message_db3.db3"],
  ...["ros1.bag", "ros1_lz4.bag", "ros1_bz2.bag"],
  ...["split_db3", "split_mcap/", "loose_db3", "loose_mcap"],
];

testWith(
  ["bag writers"],
  "Bags of the official writers are played value by value, whatever their storage",
  async () => {
    await using folder = await writeBags("all");
    for (const name of WHOLE) {
      const { played, lines } = await playAll(`${folder.path}/${name}`);
      assertWhole(played);
      assertEquals(lines.filter((line) => line.includes("WARN")), [], name);
      // The static transform is recorded behind half of the clouds.
      const { place } = played.get("front/points")![0];
      assertEquals([place?.frameId, place?.parent], ["front", "odom"]);
      assertEquals(place?.pose?.translation[0], 0.5);
      // Nobody says where the other sensor stands.
      assertEquals(played.get("rear_points")![0].place, { frameId: "rear" });
    }
  },
);

testWith(
  ["bag writers"],
  "Captured clouds are as far apart as their stamps, at the speed",
  async () => {
    await using folder = await writeBags();
    const name = `${folder.path}/zstd.mcap:/front/points`;
    const begun = Date.now();
    const { played } = await playAll(name, { speed: 5 });
    const clouds = played.get("front/points")!;
    const [first] = clouds;
    const last = clouds[9];
    // 900 ms of the recording, five times as fast.
    assert(Math.abs(last.captureTime - first.captureTime - 180) < 50);
    assert(Date.now() - begun >= 175, "it is played at its times");
    assert(last.captureTime <= Date.now());
  },
);

testWith(
  ["bag writers"],
  "Topics are picked, and the start of a bag is left out",
  async () => {
    await using folder = await writeBags();
    const bag = `${folder.path}/lz4.mcap`;
    const { played } = await playAll(`${bag}:rear*`, { start: 0.65 });
    assertEquals([...played.keys()], ["rear_points"]);
    const clouds = played.get("rear_points")!;
    assertEquals(clouds.length, 3);
    assertCloud(clouds[0], 7, 1000);
    const placed = await playAll(`${bag}:front/points`, { fixedFrame: "base" });
    const [{ place }] = placed.played.get("front/points")!;
    assertEquals(place?.parent, "base");
    assertEquals(place?.pose?.translation, [0.5, 0, 0]);
  },
);

testWith(
  ["bag writers"],
  "A bag that is cut off plays to its end, and says so",
  async () => {
    await using folder = await writeBags();
    const bags = ["zstd.mcap", "unchunked.mcap", "ros1.bag", "ros1_bz2.bag"];
    for (const name of bags) {
      const path = `${folder.path}/${name}`;
      const { size } = await Deno.stat(path);
      await Deno.truncate(path, Math.round(size * 0.6));
      const { played, lines } = await playAll(path);
      const clouds = played.get("front/points")!;
      assert(clouds.length >= 3 && clouds.length < 10, `${clouds.length}`);
      clouds.forEach((cloud, i) => assertCloud(cloud, i, 0));
      assert(
        lines.some((line) => line.includes("cut off at byte")),
        `${lines}`,
      );
    }
  },
);

testWith(["bag writers"], "A bag starts again", async () => {
  await using folder = await writeBags();
  const log = createLogger({ write() {} });
  const { streams: [{ source }] } = await openSource(
    `${folder.path}/zstd.mcap:front/points`,
    { loop: true, speed: 20, log },
  );
  for (let i = 0; i < 25; i++) {
    assertCloud(withTime((await source.next(0, 0))!), i % 10, 0);
  }
  await source[Symbol.asyncDispose]?.();
});

testWith(["bag writers"], "What can't be played is named", async () => {
  await using folder = await writeBags();
  const log = createLogger({ write() {} });
  const refused = (name: string, why: string, start = 0) =>
    assertRejects(
      () => openSource(name, { start, log }),
      SourceError,
      why,
    );
  const bag = `${folder.path}/zstd.mcap`;
  await refused(`${bag}:/nothing`, "no topic /nothing; it has /tf");
  await refused(`${bag}:/chatter`, "has no clouds: /chatter");
  await refused(bag, "behind the end", 5);
  const text = `${folder.path}/text.mcap`;
  await Deno.writeTextFile(text, "no bag at all");
  await refused(text, "it is no MCAP file: it begins with 6e6f2062");
  await Deno.writeTextFile(`${folder.path}/text.db3`, "no bag at all");
  await refused(`${folder.path}/text.db3`, "no bag of rosbag2");
  await Deno.writeTextFile(`${folder.path}/text.bag`, "no bag at all");
  await refused(`${folder.path}/text.bag`, "it is no bag of ROS 1: it begins");
  await Deno.writeTextFile(`${folder.path}/text.bag`, "#ROSRECORD V1.1\n");
  await refused(`${folder.path}/text.bag`, "another version than 2.0: #ROSREC");
  await refused(`${folder.path}/none.there.mcap`, "No such file");
});

testWith(["bag writers"], "A bag's topics are listed", async () => {
  await using folder = await writeBags("all");
  const log = createLogger({ write() {} });
  for (const name of WHOLE) {
    const topics = await listSource(`${folder.path}/${name}`, { log });
    assertEquals(
      topics.map(({ name, messages, use }) => [name, messages, use]),
      [
        ["/chatter", 10, undefined],
        ["/front/points", 10, "points"],
        ["/rear points", 10, "points"],
        ["/tf", 10, "places"],
        ["/tf_static", 1, "places"],
      ],
    );
  }
});

testWith(
  ["bag writers"],
  "A bag of several files plays without those that are missing, and says so",
  async () => {
    await using folder = await writeBags("all");
    await Deno.remove(`${folder.path}/split_db3/split_db3_10.db3`);
    await Deno.writeFile(
      `${folder.path}/split_db3/other.db3`,
      new Uint8Array(),
    );
    await Deno.remove(`${folder.path}/split_mcap/split_mcap_9.mcap`);
    for (const [name, first] of [["split_db3", 0], ["split_mcap", 5]]) {
      // One file that is left is the bag.
      const { played, lines } = await playAll(`${folder.path}/${name}`);
      const clouds = played.get("front/points")!;
      assertEquals(clouds.length, 5);
      clouds.forEach((cloud, i) => assertCloud(cloud, Number(first) + i, 0));
      const isSaid = lines.some((line) =>
        line.includes("files that it should")
      );
      assertEquals(isSaid, name === "split_db3");
    }
  },
);

testWith(
  ["bag writers"],
  "A folder of scans with a bag beside them is one of scans",
  async () => {
    await using folder = await writeBags();
    const scans = `${folder.path}/scans`;
    await Deno.mkdir(scans);
    await Deno.copyFile(`${folder.path}/zstd.mcap`, `${scans}/a.mcap`);
    assertEquals(await findBag(`${scans}:/tf`), { path: scans, topics: "/tf" });
    const points = pointCloud(Float32Array.of(1, 2, 3), ["x", "y", "z"]);
    await Deno.writeFile(`${scans}/b.pcd`, encodeFile("b.pcd", points));
    assertEquals(await findBag(scans), undefined);
  },
);

testWith(
  ["bag writers"],
  "The client may unpack a compressed bag, and leaves nothing behind",
  async () => {
    await using folder = await writeBags("all");
    const isClean = await watchTemporaryFiles();
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          ...["run", "-P=client", "client.ts", "--list"],
          ...["--source", `${folder.path}/split_file`],
        ],
        cwd: ROOT,
      },
    ).output();
    assert(success, new TextDecoder().decode(stderr));
    const topics = new TextDecoder().decode(stdout);
    assert(/^\/front\/points .* 10 .* points$/m.test(topics), topics);
    await until(isClean, { what: "temporary files to be gone" });
  },
);

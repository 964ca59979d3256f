/** Clouds of a bridge of every kind, and the times that they have. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { column, namesOf, toFloat32 } from "../../../lib/points/cloud.ts";
import { createEncoder } from "../../../lib/points/codecs.ts";
import { UndecodedCloud } from "../../../lib/points/undecoded_cloud.ts";
import { zstdCompress } from "../../../lib/points/zstd/zstd.ts";
import { RosBridges } from "../../../lib/sources/ros/bridges.ts";
import { openRosSource } from "../../../lib/sources/ros/ros_source.ts";
import { Stamps } from "../../../lib/sources/ros/stamps.ts";
import type { TimedCloud } from "../../../lib/sources/source.ts";
import { typedCloud } from "../../points/file_clouds.ts";
import { compressedCloudMessage } from "../../ros/compressed_cloud_message.ts";
import { encodeDraco } from "../../ros/encode_draco.ts";
import { testWith, until } from "../../support.ts";
import { type BridgeOptions, startBridge } from "./bridge.ts";

const POINTS = typedCloud(
  "x,y,z,ring:u2",
  Array.from({ length: 50 }, (_, i) => [i / 4, -i / 2, i, 60_000 + i]),
);
const COMPRESSED = "point_cloud_interfaces/msg/CompressedPointCloud2";

/** Opens all clouds of a bridge; what is read is disposed of with it. */
async function openClouds(options: BridgeOptions) {
  const bridge = await startBridge(options);
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const { streams } = await openRosSource("ros:*", {
    ...{ bridges: new RosBridges({ log }), url: bridge.url, log },
  });
  const sourceOf = (name: string) =>
    streams.find((stream) => stream.name === name)!.source;
  return {
    streams,
    lines,
    sourceOf,
    next: async (name: string) => await sourceOf(name).next(0, 0) as TimedCloud,
    [Symbol.asyncDispose]: async () => {
      for (const { source } of streams) await source[Symbol.asyncDispose]?.();
      await bridge[Symbol.asyncDispose]();
    },
  };
}

/** foxglove.PointCloud in JSON; a bridge adds the time. */
function jsonCloud(): Uint8Array {
  const types = { x: 7, y: 7, z: 7, ring: 3 };
  const fields = POINTS.fields.map(({ name, offset }) => ({
    ...{ name, offset, type: types[name as keyof typeof types] },
  }));
  return new TextEncoder().encode(JSON.stringify({
    ...{ frame_id: "lidar", point_stride: POINTS.stride, fields },
    data: POINTS.data.toBase64(),
  }));
}

testWith(
  ["robot", "ffmpeg"],
  "A bridge's clouds come value by value, whatever they are written as",
  async () => {
    const encoder = createEncoder("cloudini", { resolution: 0.25 });
    const cloudini = encoder.encode(POINTS).bytes.slice();
    const compressed = (format: string, data: Uint8Array) => ({
      ...{ topic: `/${format}`, type: COMPRESSED, encoding: "cdr" },
      messages: [compressedCloudMessage(POINTS, format, data)],
    });
    await using clouds = await openClouds({
      topics: [
        compressed("cloudini", cloudini),
        compressed("draco", await encodeDraco(POINTS)),
        compressed("zstd", zstdCompress(POINTS.data, 1)),
        compressed("unknown", POINTS.data),
        {
          topic: "/json",
          type: "foxglove.PointCloud",
          encoding: "json",
          messages: [jsonCloud()],
        },
      ],
      builtin: ["/scan"],
    });
    assertEquals(clouds.streams.map(({ name }) => name), [
      ...["cloudini", "draco", "json", "scan", "unknown", "zstd"],
    ]);
    for (const name of ["cloudini", "draco", "zstd", "json"]) {
      const { cloud } = await clouds.next(name);
      assertEquals(cloud instanceof UndecodedCloud, name === "cloudini");
      if (cloud instanceof UndecodedCloud) assertEquals(cloud.bytes, cloudini);
      assertEquals(namesOf(cloud.fields), namesOf(POINTS.fields));
      for (const { name } of POINTS.fields) {
        assertEquals(column(cloud, name), column(POINTS, name));
      }
    }
    const { cloud } = await clouds.next("scan");
    // A ray every half radian, of which three have an echo in range.
    const points = [[1, 0], [2, 2], [3, 5]].flatMap(([range, ray]) => [
      ...[range * Math.cos(ray / 2), range * Math.sin(ray / 2), 0, ray],
    ]);
    toFloat32(cloud).forEach((value, i) =>
      assertAlmostEquals(value, points[i], 1e-6)
    );
    const unknown = clouds.sourceOf("unknown");
    void unknown.next(0, 0);
    await until(() => (unknown.skipped ?? 0) > 0, { what: "what isn't known" });
    const said = clouds.lines.find((line) => line.includes("passed over"));
    assert(said?.includes("expected cloudini, draco or zstd"), said);
  },
);

const ZSTD = {
  ...{ topic: "/points", type: COMPRESSED, encoding: "cdr" },
  messages: [
    compressedCloudMessage(POINTS, "zstd", zstdCompress(POINTS.data, 1)),
  ],
};
const YEAR_S = 365 * 24 * 3600;

for (
  const [name, times, says] of [
    ["simulated time", { clock: -YEAR_S }, "clock is another"],
    ["clocks that differ", { clock: 120 }, "clock is another"],
    ["a bag that is played", { stamps: -600 }, "far from the bridge's time"],
    ["a bag of simulated time", { clock: -YEAR_S, stamps: 90 }, "far from"],
  ] as const
) {
  testWith(
    ["robot", "ffmpeg"],
    `A cloud of ${name} is captured about when it comes`,
    async () => {
      await using clouds = await openClouds({ topics: [ZSTD], ...times });
      for (let i = 0; i < 3; i++) {
        const { captureTime } = await clouds.next("points");
        const age = Date.now() - captureTime;
        assert(age >= 0 && age < 30_000, `captured ${age} ms ago`);
      }
      const said = clouds.lines.filter((line) => line.includes(says));
      assertEquals(said.length, 1, clouds.lines.join("\n"));
    },
  );
}

Deno.test("Stamps tells how old a message is by the bridge's clock, where ours is another", () => {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const now = 1_800_000_000_000;
  const captured = (stamp: number, sentAt: number) =>
    new Stamps(log).captureTime({ stamp, sentAt, cameAt: now }) - now;
  assertEquals(captured(now - 80, now - 30), -80);
  assertEquals(captured(now - 80, 0), -80);
  assertEquals(captured(now + 20, now), 20);
  assertEquals(lines, []);
  // Robots that count from their start, and that are ahead.
  assertEquals(captured(5_000, 5_050), -50);
  assertEquals(captured(now + 999_950, now + 1_000_000), -50);
  assertEquals(captured(5_060, 5_050), 0);
  assertEquals(captured(0, now), 0);
  assertEquals(captured(NaN, now), 0);
  assertEquals(captured(5_000, 0), 0);
  assertEquals(lines.length, 6);
  const stamps = new Stamps(log);
  for (let i = 0; i < 100; i++) {
    stamps.captureTime({ stamp: i, sentAt: 0, cameAt: now });
  }
  assertEquals(lines.length, 7);
});

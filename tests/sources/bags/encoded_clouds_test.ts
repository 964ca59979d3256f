/** Clouds that a bag has compressed. */
import { assert, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { column, pointCloud } from "../../../lib/points/cloud.ts";
import { createEncoder } from "../../../lib/points/codecs.ts";
import { zstdCompress } from "../../../lib/points/zstd/zstd.ts";
import { UndecodedCloud } from "../../../lib/points/undecoded_cloud.ts";
import { openSource } from "../../../lib/sources/open.ts";
import { withTime } from "../../../lib/sources/source.ts";
import { compressedCloudMessage } from "../../ros/compressed_cloud_message.ts";
import { temporaryFolder } from "../../support.ts";
import { writeSmallMcap } from "./mcap_file.ts";

Deno.test("Cloudini clouds of a bag are handed on as they came, others decoded", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.mcap`;
  const clouds = Array.from({ length: 3 }, (_, n) => {
    const values = Float32Array.from({ length: 300 }, (_, i) => n + i / 4);
    return pointCloud(values, ["x", "y", "z"]);
  });
  const encoder = createEncoder("cloudini", { resolution: 0.25 });
  const encoded = clouds.map((cloud) => encoder.encode(cloud).bytes.slice());
  await writeSmallMcap(
    path,
    {
      topic: "/points",
      type: "point_cloud_interfaces/msg/CompressedPointCloud2",
    },
    [
      ...clouds.map((cloud, n) =>
        compressedCloudMessage(cloud, "cloudini", encoded[n])
      ),
      compressedCloudMessage(
        clouds[0],
        "zstd",
        zstdCompress(clouds[0].data, 1),
      ),
      compressedCloudMessage(clouds[0], "unknown", encoded[0]),
      compressedCloudMessage(clouds[0], "cloudini", encoded[0].slice(0, 9)),
    ],
  );
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const { streams: [{ source }] } = await openSource(path, { speed: 50, log });
  for (const [n, bytes] of encoded.entries()) {
    const { cloud } = withTime((await source.next(0, 0))!);
    assert(cloud instanceof UndecodedCloud);
    assertEquals([cloud.codec, cloud.bytes], ["cloudini", bytes]);
    assertEquals(column(cloud, "y"), column(clouds[n], "y"));
  }
  const { cloud } = withTime((await source.next(0, 0))!);
  assert(!(cloud instanceof UndecodedCloud));
  assertEquals(column(cloud, "z"), column(clouds[0], "z"));
  assertEquals(await source.next(0, 0), undefined);
  assertEquals(source.skipped, 2);
  assert(lines.some((line) => /A cloud of format .*unknown/.test(line)));
  await source[Symbol.asyncDispose]?.();
});

/** Bags that are compressed as whole files. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { zstdCompress } from "../../../lib/points/zstd/zstd.ts";
import { openBag } from "../../../lib/sources/bags/open_bag.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { temporaryFolder, testWith, until } from "../../support.ts";
import { watchTemporaryFiles } from "./temporary_files.ts";
import { writeSmallMcap } from "./mcap_file.ts";

const TOPIC = { topic: "/noise", type: "sensor_msgs/msg/PointCloud2" };
const MESSAGES = 20;
const MESSAGE_BYTES = 60_000;

/** A bag of noise, which zstd can't make smaller. */
async function compressedBag(path: string): Promise<Uint8Array> {
  const messages = Array.from(
    { length: MESSAGES },
    () => crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES)),
  );
  await writeSmallMcap(path, TOPIC, messages);
  return zstdCompress(await Deno.readFile(path), 1).slice();
}

testWith([], "A compressed bag that is cut off plays up to there", async () => {
  await using folder = await temporaryFolder();
  const bytes = await compressedBag(`${folder.path}/a.mcap`);
  const path = `${folder.path}/b.mcap.zstd`;
  const log = createLogger({ write: () => {} });
  for (const [share, least, most] of [[1, 20, 20], [0.6, 6, 12]]) {
    await Deno.writeFile(path, bytes.subarray(0, bytes.length * share));
    using bag = await openBag(path, { log });
    const [count] = (await bag.countMessages()).values();
    assert(count >= least && count <= most, `${count} messages`);
    assertEquals(bag.damage !== undefined, share < 1, bag.damage);
  }
});

testWith([], "A compressed bag that is damaged plays up to there", async () => {
  await using folder = await temporaryFolder();
  const bytes = await compressedBag(`${folder.path}/a.mcap`);
  // No block of zstd has such a header.
  bytes.fill(0xff, bytes.length / 2);
  const path = `${folder.path}/b.mcap.zstd`;
  await Deno.writeFile(path, bytes);
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  using bag = await openBag(path, { log });
  const [count] = (await bag.countMessages()).values();
  assert(count >= 5 && count <= 12, `${count} messages`);
  assert(lines.some((line) => line.includes("where it is damaged")));
});

testWith([], "What can't be unpacked is named", async () => {
  await using folder = await temporaryFolder();
  const log = createLogger({ write: () => {} });
  const path = `${folder.path}/a.db3.zstd`;
  const refused = (why: string) =>
    assertRejects(() => openBag(path, { log }), SourceError, why);
  await refused("a.db3.zstd: No such file");
  await Deno.writeTextFile(path, "no zstd at all");
  await refused("a.db3.zstd can't be unpacked: ");
  await Deno.writeFile(path, zstdCompress(new Uint8Array(100), 1));
  await refused("a.db3.zstd: it is no bag of rosbag2");
});

testWith([], "Unpacking ends when it is told to", async () => {
  await using folder = await temporaryFolder();
  const log = createLogger({ write: () => {} });
  const path = `${folder.path}/a.mcap.zst`;
  await Deno.writeFile(path, await compressedBag(`${folder.path}/a.mcap`));
  const isClean = await watchTemporaryFiles();
  const stop = new AbortController();
  const opening = openBag(path, { log, signal: stop.signal });
  stop.abort(new Error("enough"));
  await assertRejects(() => opening, Error, "enough");
  await until(isClean, { what: "the temporary file to be gone" });
});

/**
 * Bags that are larger than memory should be. BAG_MEGABYTES=10000 has one of
 * 10 GB, whose figures stand in docs/sources.md.
 */
import { assert, assertGreater } from "@std/assert";
import { ROOT, temporaryFolder, testWith } from "../../support.ts";
import { type LargeMcap, writeLargeMcap } from "./mcap_file.ts";
import type { Played } from "./play_bag.ts";

const MEGABYTES = Number(Deno.env.get("BAG_MEGABYTES") ?? 300);
/**
 * What a bag that is played may take besides the program itself, bytes: a small
 * part of its size, and whatever that is, what garbage there is at a GB a
 * second.
 */
const MOST_BYTES = Math.min(MEGABYTES * 1e6 / 2, 600e6);

for (const compression of ["", "zstd"] as const) {
  const how = compression === "" ? "without compression" : `of ${compression}`;
  testWith([], `A large bag ${how} is played in flat memory`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/large.mcap`;
    const bytes = MEGABYTES * 1e6;
    const { clouds, played } = await playLarge(path, { bytes, compression });
    const most = played.most - played.before;
    console.log(
      `${MEGABYTES} MB ${how}: ${played.clouds} of ${clouds} clouds taken in ` +
        `${played.seconds.toFixed(1)} s, at most ${
          Math.round(most / 1e6)
        } MB ` +
        `more than the ${Math.round(played.before / 1e6)} MB before`,
    );
    // At such a speed the newest are taken; all are read.
    assertGreater(played.clouds, clouds / 10);
    assert(most < MOST_BYTES, `${most} bytes`);
  });
}

async function playLarge(path: string, how: LargeMcap) {
  const clouds = await writeLargeMcap(path, how);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=client", "tests/sources/bags/play_bag.ts", path],
    cwd: ROOT,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const played: Played = JSON.parse(new TextDecoder().decode(stdout));
  return { clouds, played };
}

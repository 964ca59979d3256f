import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { pointCloud } from "../../lib/points/cloud.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { SourceError } from "../../lib/sources/errors.ts";
import { filesSource } from "../../lib/sources/files.ts";
import { withTime } from "../../lib/sources/source.ts";
import { temporaryFolder, testWith } from "../support.ts";

/** A cloud of one point whose x tells which file it is. */
function write(path: string, x: number): Promise<void> {
  const cloud = pointCloud(Float32Array.of(x, 2, 3));
  return Deno.writeFile(path, encodeFile(path, cloud));
}

/** Plays a source, and gives the x of each frame, at most `most` of them. */
async function play(path: string, loop = false, most = 20) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const source = await filesSource(path, { loop, log });
  const played: number[] = [];
  while (played.length < most) {
    const given = await source.next(played.length, 0);
    if (given === undefined) break;
    played.push(withTime(given).cloud.values[0]);
  }
  return { played, lines, skipped: source.skipped };
}

testWith(
  [],
  "filesSource plays a folder in name order, numbers as numbers",
  async () => {
    await using folder = await temporaryFolder();
    for (const x of [10, 9, 2, 1]) {
      await write(`${folder.path}/scan${x}.npy`, x);
    }
    await Deno.writeTextFile(`${folder.path}/notes.txt`, "not points");
    await Deno.mkdir(`${folder.path}/more.pcd`);
    assertEquals((await play(folder.path)).played, [1, 2, 9, 10]);
    const looped = await play(folder.path, true, 10);
    assertEquals(looped.played, [1, 2, 9, 10, 1, 2, 9, 10, 1, 2]);
  },
);

testWith(
  [],
  "filesSource plays what a glob matches, of every format",
  async () => {
    await using folder = await temporaryFolder();
    const extensions = ["npy", "pcd", "ply", "bin", "f32", "cloudini"];
    for (const [i, extension] of extensions.entries()) {
      await write(`${folder.path}/a${i}.${extension}`, i);
      await write(`${folder.path}/b${i}.${extension}`, 100);
    }
    const { played } = await play(`${folder.path}/a*`);
    assertEquals(played, [0, 1, 2, 3, 4, 5]);
  },
);

testWith([], "filesSource repeats a file that is alone", async () => {
  await using folder = await temporaryFolder();
  await write(`${folder.path}/[one].pcd`, 7);
  const { played } = await play(`${folder.path}/[one].pcd`, false, 3);
  assertEquals(played, [7, 7, 7]);
});

testWith(
  [],
  "filesSource passes over bad files, and tells and counts them",
  async () => {
    await using folder = await temporaryFolder();
    for (const x of [1, 3]) await write(`${folder.path}/${x}.ply`, x);
    await Deno.writeTextFile(`${folder.path}/2.ply`, "not a ply");
    await Deno.writeFile(`${folder.path}/4.pcd`, new Uint8Array(0));
    const once = await play(folder.path);
    assertEquals([once.played, once.skipped], [[1, 3], 2]);
    assertEquals(once.lines.length, 2);
    assert(once.lines[0].includes(`${folder.path}/2.ply`), once.lines[0]);
    const looped = await play(folder.path, true, 9);
    assertEquals(looped.played, [1, 3, 1, 3, 1, 3, 1, 3, 1]);
  },
);

testWith(
  [],
  "filesSource says what is wrong where nothing can be played",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const rejects = (name: string, message: string) =>
      assertRejects(() => play(name), SourceError, message);
    await rejects(`${path}/none.pcd`, "There is no file or folder");
    await rejects(path, "has no point files");
    await rejects(`${path}/*.pcd`, "No file matches");
    await Deno.writeTextFile(`${path}/a.txt`, "");
    await rejects(`${path}/a.txt`, "a.txt");
    await Deno.writeTextFile(`${path}/a.ply`, "");
    await rejects(`${path}/a.ply`, "a.ply");
    await Deno.writeTextFile(`${path}/b.ply`, "");
    await rejects(path, "None of 2 files could be read");
  },
);

testWith([], "filesSource starts at once with ten thousand files", async () => {
  await using folder = await temporaryFolder();
  const cloud = encodeFile("a.f32", pointCloud(new Float32Array(3)));
  for (let i = 0; i < 10_000; i++) {
    Deno.writeFileSync(`${folder.path}/${i}.f32`, cloud);
  }
  const log = createLogger({ write() {} });
  const source = await filesSource(folder.path, { log });
  assert(await source.next(0, 0));
  // Had they all been read, what is gone now could still be given.
  for (let i = 5; i < 10_000; i++) Deno.removeSync(`${folder.path}/${i}.f32`);
  let good = 1;
  while (await source.next(good, 0)) good++;
  assertEquals(good, 5);
});

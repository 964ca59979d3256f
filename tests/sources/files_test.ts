import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { pointCloud, toFloat32 } from "../../lib/points/cloud.ts";
import { parseFieldList, XYZ } from "../../lib/points/field.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { SourceError } from "../../lib/sources/errors.ts";
import {
  filesSource,
  type FilesSourceOptions,
} from "../../lib/sources/files.ts";
import { type PointSource, withTime } from "../../lib/sources/source.ts";
import { pause, temporaryFolder, testWith, until } from "../support.ts";

/** A cloud of one point whose x tells which file it is. */
function write(path: string, x: number, fields = XYZ): Promise<void> {
  const values = new Float32Array(fields.length).fill(x);
  const cloud = pointCloud(values, fields);
  return Deno.writeFile(path, encodeFile(path, cloud));
}

/** Plays a source, and gives the x of each frame, at most `most` of them. */
async function play(
  path: string,
  loop = false,
  most = 20,
  more: Partial<FilesSourceOptions> = {},
) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const source = await filesSource(path, { loop, log, ...more });
  const played: number[] = [];
  while (played.length < most) {
    const given = await source.next(played.length, 0);
    if (given === undefined) break;
    played.push(toFloat32(withTime(given).cloud)[0]);
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
    await Deno.writeTextFile(`${folder.path}/notes.md`, "not points");
    await write(`${folder.path}/.scan0.npy`, 0);
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
    await Deno.writeTextFile(`${path}/a.md`, "");
    await rejects(`${path}/a.md`, "a.md");
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

testWith(
  [],
  "filesSource passes over a file that lacks a field, by name",
  async () => {
    await using folder = await temporaryFolder();
    await write(`${folder.path}/1.ply`, 1, [...XYZ, "ring"]);
    await write(`${folder.path}/2.pcd`, 2);
    await write(`${folder.path}/3.npy`, 3, [...XYZ, "time", "ring"]);
    const fields = parseFieldList("x,y,z,ring");
    const { played, skipped, lines } = await play(folder.path, false, 20, {
      fields,
    });
    assertEquals([played, skipped], [[1, 3], 1]);
    assert(lines[0].includes("2.pcd: The cloud has no field ring"), lines[0]);
  },
);

testWith(
  [],
  "filesSource looks at a file's size before it reads it",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/large.bin`;
    // A hole: it takes no room on the disk, and no memory here.
    using file = await Deno.open(path, { write: true, create: true });
    await file.truncate(200 * 2 ** 30);
    await assertRejects(
      () => play(path),
      SourceError,
      "large.bin: The file has 214748364800 bytes, and at most 1073741824 are",
    );
    await write(`${folder.path}/small.npy`, 1);
    const { played, skipped } = await play(folder.path);
    assertEquals([played, skipped], [[1], 1]);
  },
);

/** Takes the next cloud's x. */
async function nextOf(source: PointSource): Promise<number> {
  const given = await source.next(0, 0);
  return toFloat32(withTime(given!).cloud)[0];
}

testWith(
  [],
  "filesSource follows a folder: what is there, and then what appears",
  async () => {
    await using folder = await temporaryFolder();
    await write(`${folder.path}/1.pcd`, 1);
    await write(`${folder.path}/2.pcd`, 2);
    const lines: string[] = [];
    const log = createLogger({ write: (line) => lines.push(line) });
    const source = await filesSource(folder.path, { follow: true, log });
    assertEquals(source.pace, "source");
    assertEquals([await nextOf(source), await nextOf(source)], [1, 2]);
    const third = nextOf(source);
    await write(`${folder.path}/.hidden.pcd`, 0);
    await write(`${folder.path}/4.ply`, 4);
    assertEquals(await third, 4);
    // One that is written again counts as another.
    const again = nextOf(source);
    await write(`${folder.path}/1.pcd`, 11);
    assertEquals(await again, 11);
    await source[Symbol.asyncDispose]!();
    assertEquals(await source.next(0, 0), undefined);
    assertEquals(lines, []);
  },
);

testWith(
  [],
  "filesSource waits for a followed file to be complete",
  async () => {
    await using folder = await temporaryFolder();
    const lines: string[] = [];
    const log = createLogger({ write: (line) => lines.push(line) });
    const source = await filesSource(folder.path, { follow: true, log });
    const path = `${folder.path}/slow.pcd`;
    const values = Float32Array.from({ length: 3000 }, (_, i) => i + 5);
    const bytes = encodeFile(path, pointCloud(values));
    const first = nextOf(source);
    // Its writer pauses for longer than a file takes to be thought complete.
    using file = await Deno.open(path, { write: true, create: true });
    for (const [from, to] of [[0, 5000], [5000, 9000], [9000, 9000]]) {
      await file.write(bytes.subarray(from, to));
      await pause(700);
    }
    await file.write(bytes.subarray(9000));
    assertEquals(await first, 5);
    assertEquals([source.skipped, lines], [0, []]);
    // One that stays cut off is passed over in the end.
    const second = nextOf(source);
    await Deno.writeFile(`${folder.path}/cut.pcd`, bytes.subarray(0, 5000));
    await until(() => source.skipped === 1, {
      within: 10_000,
      what: "the cut file to be passed over",
    });
    assert(lines[0].includes("cut.pcd"), lines[0]);
    await write(`${folder.path}/last.pcd`, 9);
    assertEquals(await second, 9);
    await source[Symbol.asyncDispose]!();
  },
);

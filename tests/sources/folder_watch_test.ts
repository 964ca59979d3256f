import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { SourceError } from "../../lib/sources/errors.ts";
import { FolderWatch } from "../../lib/sources/folder_watch.ts";
import { pause, temporaryFolder, testWith } from "../support.ts";

function watch(path: string, settleMs = 50): FolderWatch {
  return new FolderWatch(path, {
    readable: (name) => name.endsWith(".pcd"),
    settleMs,
  });
}

testWith([], "FolderWatch gives files that appear, in name order", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/old.pcd`, "old");
  using files = watch(path, 200);
  await files.skip(["old.pcd"]);
  // Before it looks, in a thread of its own: a look could part them.
  for (const name of ["10.pcd", "9.pcd", "notes.md"]) {
    await Deno.writeTextFile(`${path}/${name}`, name);
  }
  await Deno.mkdir(`${path}/folder.pcd`);
  assertEquals(await files.next(), ["9.pcd", "10.pcd"]);
});

testWith(
  [],
  "FolderWatch waits until a file has a size and is left alone",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/slow.pcd`;
    using files = watch(folder.path, 300);
    let isComplete = false;
    const next = files.next().then((names) => {
      isComplete = true;
      return names;
    });
    await Deno.writeTextFile(path, "");
    await pause(500);
    for (let i = 0; i < 6; i++) {
      assert(!isComplete, `complete after ${i} writes`);
      await Deno.writeTextFile(path, "part", { append: true });
      await pause(100);
    }
    assertEquals(await next, ["slow.pcd"]);
  },
);

testWith(
  [],
  "FolderWatch gives what is renamed into place, and written anew",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    using files = watch(path);
    const first = files.next();
    await Deno.writeTextFile(`${path}/.part`, "first");
    await Deno.rename(`${path}/.part`, `${path}/newest.pcd`);
    assertEquals(await first, ["newest.pcd"]);
    const second = files.next();
    await Deno.writeTextFile(`${path}/.part`, "another");
    await Deno.rename(`${path}/.part`, `${path}/newest.pcd`);
    assertEquals(await second, ["newest.pcd"]);
  },
);

testWith(
  [],
  "FolderWatch gives a file once more after it has changed",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/cut.pcd`;
    using files = watch(folder.path);
    await Deno.writeTextFile(path, "cut");
    assertEquals(await files.next(), ["cut.pcd"]);
    assert(files.retry("cut.pcd"));
    // Each pause of its writer may look like the end.
    for (const part of [" and", " whole"]) {
      await Deno.writeTextFile(path, part, { append: true });
      assertEquals(await files.next(), ["cut.pcd"]);
      assert(files.retry("cut.pcd"));
    }
    assertEquals(await files.next(), ["cut.pcd"]);
    assert(!files.retry("cut.pcd"), "it has not changed since");
  },
);

testWith(
  [],
  "FolderWatch gives up a file that is gone, and its folder",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/sub`;
    await Deno.mkdir(path);
    using files = watch(path, 200);
    const next = files.next();
    await Deno.writeTextFile(`${path}/gone.pcd`, "gone");
    await pause(60);
    await Deno.remove(`${path}/gone.pcd`);
    await Deno.writeTextFile(`${path}/here.pcd`, "here");
    assertEquals(await next, ["here.pcd"]);
    const after = files.next();
    const failing = assertRejects(
      () => after,
      SourceError,
      "can't be read any",
    );
    await Deno.remove(path, { recursive: true });
    await failing;
  },
);

testWith([], "FolderWatch ends when it is disposed of", async () => {
  await using folder = await temporaryFolder();
  const files = watch(folder.path);
  const next = files.next();
  files[Symbol.dispose]();
  assertEquals(await next, []);
  assertEquals(await files.next(), []);
});

testWith(
  [],
  "FolderWatch looks at what changes alone, of ten thousand",
  async () => {
    await using folder = await temporaryFolder();
    const names = Array.from({ length: 10_000 }, (_, i) => `${i}.pcd`);
    const at = (name: string) => `${folder.path}/${name}`;
    for (const name of names) Deno.writeTextFileSync(at(name), "");
    using files = watch(folder.path);
    await files.skip(names);
    const changes = await timeOf(async () => {
      for (let i = 0; i < 10; i++) {
        const next = files.next();
        Deno.writeTextFileSync(at(`new${i}.pcd`), "new");
        assertEquals(await next, [`new${i}.pcd`]);
      }
    });
    const look = await timeOf(async () => {
      for (const name of names) await Deno.stat(at(name));
    });
    assertLess(changes, 10 * look);
  },
);

/** How long something takes, milliseconds. */
async function timeOf(what: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

/** The tasks in checkouts that are not as everybody's. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { temporaryFolder, testWith } from "../support.ts";
import { copyProject } from "./checkout.ts";

const DIST = "lib/serving/page";

testWith(
  ["ffmpeg"],
  "the demo runs in a folder with a space, a percent sign and a quote",
  async () => {
    await using folder = await temporaryFolder();
    const project = await copyProject(folder.path, "a b %20c d's");
    const { code, stdout, stderr } = await run(project, [
      ...["task", "demo", "--duration", "1", "--points", "1000"],
    ]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /All 4 frames arrived/);
  },
);

testWith(
  [],
  "a page that can't be built anew stays, in a sentence",
  async () => {
    await using folder = await temporaryFolder();
    const project = await copyProject(folder.path, "project");
    await writePage(project);
    // Root may write everywhere, but for this program's lack of a permission.
    const { code, stderr } = await run(project, [
      ...["run", "--no-prompt", "--allow-run=deno"],
      ...["--allow-read=lib/viewer,lib/serving/page", "tools/build_viewer.ts"],
    ]);
    assertMatch(
      stderr,
      /^The page in lib\/serving\/page is used as it is; it can't be built: .+\n$/,
    );
    assertEquals(code, 0);
    assertEquals(await Deno.readTextFile(`${project}/${DIST}/main.js`), "old");
  },
);

testWith(
  [],
  "a page that can't be built at all is told in a sentence",
  async () => {
    await using folder = await temporaryFolder();
    const project = await copyProject(folder.path, "project");
    await Deno.mkdir(`${project}/${DIST}`, { recursive: true });
    await Deno.remove(`${project}/${DIST}`, { recursive: true });
    await Deno.writeTextFile(`${project}/${DIST}`, "no folder");
    const { code, stderr } = await run(project, ["task", "--quiet", "build"]);
    assertMatch(
      stderr,
      /^The page can't be built in lib\/serving\/page: .+\n$/,
    );
    assertEquals(code, 1);
  },
);

testWith([], "a page that can't be bundled leaves the old one", async () => {
  await using folder = await temporaryFolder();
  const project = await copyProject(folder.path, "project");
  await writePage(project);
  await Deno.writeTextFile(`${project}/lib/viewer/main.ts`, "import './no.ts'");
  const { code, stderr } = await run(project, ["task", "--quiet", "build"]);
  assertMatch(stderr, /no\.ts[^]*The page could not be bundled\n$/);
  assertEquals(code, 1);
  assertEquals(await Deno.readTextFile(`${project}/${DIST}/main.js`), "old");
});

testWith([], "a build leaves nothing of the last one", async () => {
  await using folder = await temporaryFolder();
  const project = await copyProject(folder.path, "project");
  await writePage(project);
  await Deno.writeTextFile(`${project}/${DIST}/older.js`, "old");
  const { code, stderr } = await run(project, ["task", "--quiet", "build"]);
  assertEquals(code, 0, stderr);
  const names = await Array.fromAsync(Deno.readDir(`${project}/${DIST}`));
  assertEquals(names.map(({ name }) => name).sort(), PAGE);
  const { size } = await Deno.stat(`${project}/${DIST}/main.js`);
  assert(size > 100_000, `${size} bytes`);
});

testWith(
  [],
  "a binary that can't be written is told in a sentence",
  async () => {
    await using folder = await temporaryFolder();
    const project = await copyProject(folder.path, "project");
    await Deno.writeTextFile(`${project}/dist`, "no folder");
    // Small, as the whole server takes a while.
    for (const file of ["server.ts", "lib/hosting/session_worker.ts"]) {
      await Deno.writeTextFile(`${project}/${file}`, "");
    }
    const { code, stderr } = await run(project, [
      ...["run", "--quiet", "--allow-run=deno", "tools/compile.ts"],
    ]);
    assertMatch(
      stderr,
      /^Cannot compile server\.ts to dist\/pointwire-server: .+\n$/,
    );
    assertEquals(code, 1);
  },
);

const PAGE = [
  ...["frames_worker.js", "icon.svg", "index.html", "main.js"],
  ...["recording_worker.js", "scan_worker.js", "style.css"],
];

async function writePage(project: string): Promise<void> {
  await Deno.mkdir(`${project}/${DIST}`, { recursive: true });
  for (const name of PAGE) {
    await Deno.writeTextFile(`${project}/${DIST}/${name}`, "old");
  }
}

async function run(cwd: string, args: string[]) {
  const output = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

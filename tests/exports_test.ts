/** The package as other programs get it: its doors, and what is in it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PAGE_FILES } from "../lib/serving/viewer_files.ts";
import { ROOT, temporaryFolder, testWith } from "./support.ts";

/**
 * What each door may load besides modules of ours: npm packages, JSR packages,
 * and modules of the runtime. Nothing else comes with it.
 */
const MAY_LOAD: Record<string, string[]> = {
  "./points": ["zstddec", "laz-perf"],
  "./wire": ["zstddec"],
  "./publish": ["zstddec", "laz-perf", "werift", "@std/http", "node:"],
  "./watch": ["zstddec", "werift", "@std/http", "node:"],
  "./server": [
    ...["zstddec", "werift", "@std/http", "node:"],
    ...["jose", "prom-client", "@opentelemetry/api"],
  ],
};

const config: { exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile(`${ROOT}deno.json`),
);

/** Runs deno, and gives what it wrote to both outputs. */
async function deno(args: string[], cwd = ROOT): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const complaint = text.decode(stderr);
  assert(success, `deno ${args.join(" ")}: ${complaint}`);
  return text.decode(stdout) + complaint;
}

/** The packages that a module and all that it imports are of, but ours. */
async function packagesOf(module: string): Promise<string[]> {
  const info = await deno(["info", "--quiet", "--json", module]);
  const { modules }: { modules: { specifier: string; error?: string }[] } = JSON
    .parse(info.slice(0, info.lastIndexOf("}") + 1));
  assertEquals(modules.filter(({ error }) => error), []);
  const foreign = modules.map(({ specifier }) => specifier).map((specifier) =>
    /^npm:\/(@[^/]+\/[^@]+|[^@]+)@/.exec(specifier)?.[1] ??
      /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\//.exec(specifier)?.[1] ??
      /^node:/.exec(specifier)?.[0] ??
      (specifier.startsWith("file:") ? undefined : specifier)
  );
  // The stand-ins for JSR's packages take what they stand for from here.
  return [...new Set(foreign)].filter((name) => name !== undefined)
    .filter((name) => name !== "deno-std").toSorted();
}

Deno.test("Each door of the package says what it may load", () => {
  assertEquals(
    Object.keys(config.exports).toSorted(),
    [".", ...Object.keys(MAY_LOAD)].toSorted(),
  );
});

for (const [door, allowed] of Object.entries(MAY_LOAD)) {
  testWith(
    [],
    `${door} loads ${allowed.join(", ")} and nothing else`,
    async () => {
      const packages = await packagesOf(config.exports[door]);
      assertEquals(packages, allowed.toSorted());
    },
  );
}

testWith(
  [],
  "What is published has the library and the page, and nothing for ourselves",
  async () => {
    const output = await deno(["publish", "--dry-run", "--allow-dirty"]);
    const base = new URL("..", import.meta.url).href;
    const files = [...output.matchAll(/^ *(file:\S+) \(/gm)]
      .map(([, url]) => decodeURI(url.slice(base.length)));
    for (const file of Object.values(config.exports)) {
      assert(files.includes(file.replace("./", "")), file);
    }
    // Modules that nothing imports: a Worker's, and WebAssembly's decoder.
    assert(files.includes("lib/hosting/recording_worker.ts"));
    assert(files.includes("lib/hosting/session_worker.ts"));
    assert(files.includes("lib/points/zstd/wasm.ts"));
    const page = files.filter((file) => file.startsWith("lib/serving/page/"));
    assertEquals(
      page.map((file) => file.slice("lib/serving/page/".length)).toSorted(),
      PAGE_FILES.toSorted(),
      "deno task build makes the page",
    );
    const ours = /^(\.|tests\/|tools\/|vendor\/)|_test\.ts$|bench|deno\.lock$/;
    assertEquals(files.filter((file) => ours.test(file)), []);
    const rooms = new Set(files.map((file) => file.split("/")[0]));
    assertEquals([...rooms].toSorted(), [
      ...["LICENSE", "README.md", "SECURITY.md", "client.ts", "deno.json"],
      ...["docs", "lib", "server.ts"],
    ]);
  },
);

const POINTS_PROGRAM = `
import { decodeFile, toFloat32 } from "@pointwire/pointwire/points";

const text = "ply\\nformat ascii 1.0\\nelement vertex 1\\n" +
  "property float x\\nproperty float y\\nproperty float z\\nend_header\\n" +
  "1 2 3\\n";
const cloud = await decodeFile("one.ply", new TextEncoder().encode(text));
const names = cloud.fields.map(({ name }) => name).join(" ");
console.log(cloud.points, names, ...toFloat32(cloud));
`;

const WHOLE_PROGRAM = `
import { PointServer, publish, randomSource, toFloat32 } from "@pointwire/pointwire";

const cloud = randomSource(2).next(7);
console.log(cloud.points, ...toFloat32(cloud).subarray(0, 3));
console.log(typeof PointServer.listen, typeof publish);
`;

testWith(
  [],
  "A program in another folder imports the package by its name",
  async () => {
    await using folder = await temporaryFolder();
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${folder.path}/${name}`, text);
    // Where JSR can't be reached, its packages come from where ours do.
    const isAlone = await Deno.stat(`${ROOT}vendor/STAND-INS`)
      .then(() => true, () => false);
    if (isAlone) await Deno.symlink(`${ROOT}vendor`, `${folder.path}/vendor`);
    await write(
      "deno.json",
      JSON.stringify({
        links: [ROOT],
        vendor: isAlone,
        nodeModulesDir: "none",
      }),
    );
    await write("points.ts", POINTS_PROGRAM);
    await write("whole.ts", WHOLE_PROGRAM);

    const points = ["run", "--check", "--no-prompt", "points.ts"];
    assertStringIncludes(await deno(points, folder.path), "1 x y z 1 2 3\n");
    const whole = ["run", "--check", "--no-prompt", "--allow-env", "whole.ts"];
    assertStringIncludes(
      await deno(whole, folder.path),
      "2 7 7 7\nfunction function\n",
    );
  },
);

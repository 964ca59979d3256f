/**
 * The plan of the house: which room may import which. docs/architecture.md is
 * its picture.
 */
import { assert, assertEquals } from "@std/assert";
import { modulesBelow, ROOT, testWith } from "./support.ts";

/**
 * The rooms from top to bottom. A module imports modules of its own room, and
 * of the rooms below.
 */
const ROOMS = [
  "server.ts",
  "client.ts",
  "lib/cli",
  "lib/viewer",
  "lib/mod.ts",
  "lib/serving/mod.ts", // the door of ./server, which has tokens beside serving
  "lib/auth",
  "lib/serving",
  "lib/observability",
  "lib/cluster",
  "lib/hosting",
  "lib/recording",
  "lib/watching",
  "lib/session",
  "lib/playing",
  "lib/publishing",
  "lib/signaling",
  "lib/transport",
  "lib/transport/rtp",
  "lib/transport/sctp",
  "lib/transport/dtls",
  "lib/transport/ice",
  "lib/transport/sdp",
  "lib/transport/werift",
  "lib/transport/native",
  "lib/transport/errors.ts",
  "lib/sources",
  "lib/media",
  "lib/ros",
  "lib/wire",
  "lib/points",
  "lib/limits",
  "lib", // what every room may use: logs, histograms, promises
];

/** What Deno, a program that imports the package, or the page's build starts. */
const ENTRIES = [
  "server.ts",
  "client.ts",
  "lib/mod.ts",
  "lib/hosting/recording_worker.ts",
  "lib/hosting/session_worker.ts",
  "lib/hosting/frame_converter_worker.ts",
  "lib/media/media_worker_main.ts",
  "lib/viewer/main.ts",
  "lib/viewer/frames_worker.ts",
  "lib/viewer/recording_worker.ts",
  "lib/viewer/scan_worker.ts",
];

interface Module {
  specifier: string;
  dependencies?: { code?: Resolved; type?: Resolved }[];
}

interface Resolved {
  specifier?: string;
}

/** The modules of the project that are reached from `entry`, and what each imports. */
async function importsFrom(entry: string): Promise<[string, string[]][]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stderr: "null",
  }).output();
  assertEquals(success, true, `deno info ${entry}`);
  const { modules }: { modules: Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return modules.filter(({ specifier }) => isOurs(specifier)).map((module) => [
    pathOf(module.specifier),
    (module.dependencies ?? [])
      .flatMap(({ code, type }) => [code?.specifier, type?.specifier])
      .filter((specifier) => specifier !== undefined)
      .filter(isOurs)
      .map(pathOf),
  ]);
}

const base = new URL("..", import.meta.url).href;
const isOurs = (specifier: string) =>
  specifier.startsWith(base) && specifier.endsWith(".ts") &&
  !specifier.includes("/vendor/");
const pathOf = (specifier: string) => decodeURI(specifier.slice(base.length));

/** The room of a module: the longest of the names that its path begins with. */
function roomOf(path: string): number {
  const isLoose = /^lib\/[^/]+$/.test(path);
  const fitting = ROOMS.filter((room) =>
    path === room ||
    (path.startsWith(`${room}/`) && (room !== "lib" || isLoose))
  );
  assert(fitting.length > 0, `${path} is in no room that is named here`);
  const [longest] = fitting.toSorted((a, b) => b.length - a.length);
  return ROOMS.indexOf(longest);
}

/** The modules of each circle. */
function circlesOf(imports: Map<string, string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) return void circles.push(trail.slice(at));
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return circles;
}

testWith(
  [],
  "No import runs upward, and none in a circle",
  async () => {
    const imports = new Map(
      (await Promise.all(ENTRIES.map(importsFrom))).flat(),
    );
    const files = await Array.fromAsync(modulesBelow("lib"));
    const unused = files.filter((path) => !imports.has(path));
    assertEquals(unused, [], "lib/ has modules that nothing imports");

    const upward = [...imports].flatMap(([from, all]) =>
      all.filter((to) => roomOf(to) < roomOf(from))
        .map((to) => `${from} imports ${to}`)
    );
    assertEquals(upward.toSorted(), []);
    assertEquals(circlesOf(imports), []);
  },
);

testWith(
  [],
  "docs/architecture.md shows the rooms in their order",
  async () => {
    const page = await Deno.readTextFile(`${ROOT}docs/architecture.md`);
    const [, picture] = page.split("```");
    const shown = Array.from(
      picture.matchAll(/^(\w+)\/ /gm),
      ([, name]) => name,
    );
    const rooms = ROOMS.filter((room) => /^lib\/\w+$/.test(room))
      .map((room) => room.slice("lib/".length));
    assertEquals(shown, rooms);
  },
);

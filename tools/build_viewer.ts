/**
 * `deno task build`: bundles the page into `lib/serving/page/`, a flat folder
 * that the server serves as it is. A user who can't write there keeps the page
 * that is there.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = "lib/viewer";
const OUTPUT = "lib/serving/page";

/** Each becomes one `.js`: the page's, and its workers'. */
const BUNDLES = [
  "main.ts",
  "frames_worker.ts",
  "recording_worker.ts",
  "scan_worker.ts",
];

/** Files that are served as they are. */
const COPIES = ["index.html", "style.css", "icon.svg"];

/** Thrown where the page's source can't be bundled, with why. */
class BundleError extends Error {
  override readonly name = "BundleError";
}

/** Builds in a folder of its own first: a page that can't be built stays. */
async function build(): Promise<void> {
  const folder = `${ROOT}${OUTPUT}/building-${Deno.pid}`;
  await Deno.mkdir(folder, { recursive: true });
  try {
    await bundleInto(folder);
    for (const name of COPIES) {
      await Deno.copyFile(`${ROOT}${SOURCE}/${name}`, `${folder}/${name}`);
    }
    await moveUp(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @throws {BundleError} in the bundler's words. */
async function bundleInto(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      `--outdir=${folder}`,
      ...BUNDLES.map((name) => `${SOURCE}/${name}`),
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const why = new TextDecoder().decode(stderr).trim();
  throw new BundleError(`${why}\nThe page could not be bundled`);
}

/** Moves a folder's files up into its parent, in place of those there. */
async function moveUp(folder: string): Promise<void> {
  const names = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) names.add(name);
  const output = `${ROOT}${OUTPUT}`;
  for await (const { name, isFile } of Deno.readDir(output)) {
    if (isFile && !names.has(name)) await Deno.remove(`${output}/${name}`);
  }
  for (const name of names) {
    await Deno.rename(`${folder}/${name}`, `${output}/${name}`);
  }
}

/** Whether all that a build writes is there. */
async function isBuilt(): Promise<boolean> {
  const names = [
    ...COPIES,
    ...BUNDLES.map((name) => name.replace(/\.ts$/, ".js")),
  ];
  try {
    for (const name of names) await Deno.stat(`${ROOT}${OUTPUT}/${name}`);
    return true;
  } catch {
    return false;
  }
}

try {
  await build();
} catch (error) {
  const { message } = error as Error;
  if (!(error instanceof BundleError) && await isBuilt()) {
    console.error(
      `The page in ${OUTPUT} is used as it is; it can't be built: ${message}`,
    );
  } else {
    console.error(
      error instanceof BundleError
        ? message
        : `The page can't be built in ${OUTPUT}: ${message}`,
    );
    Deno.exit(1);
  }
}

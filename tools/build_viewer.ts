/**
 * `deno task build`: bundles the page into `lib/serving/page/`, a flat folder
 * that the server serves as it is.
 */

const root = new URL("..", import.meta.url);
const source = new URL("lib/viewer/", root);
const output = new URL("lib/serving/page/", root);

/** Each becomes one `.js`: the page's, and its workers'. */
const BUNDLES = ["main.ts", "frames_worker.ts", "scan_worker.ts"];

/** Files that are served as they are. */
const COPIES = ["index.html", "style.css", "icon.svg"];

/** Bundles into a folder; an old one there is taken away first. */
async function build(): Promise<void> {
  await Deno.remove(output, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(output);
  const { success, stderr } = await new Deno.Command("deno", {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--outdir=lib/serving/page",
      ...BUNDLES.map((name) => `lib/viewer/${name}`),
    ],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    console.error(new TextDecoder().decode(stderr).trim());
    console.error("The page could not be bundled");
    Deno.exit(1);
  }
  for (const name of COPIES) {
    await Deno.copyFile(new URL(name, source), new URL(name, output));
  }
}

await build();

/**
 * Checks the package as others get it: each symbol of its doors has a comment,
 * mentions no type that its door keeps to itself, and has a type that can be
 * told without reading code; all that it imports is there.
 *
 * ```sh
 * deno run --allow-read=deno.json --allow-run=deno tools/check_package.ts
 * ```
 *
 * @module
 */

/** Runs deno; says what it said where it failed. */
async function passes(args: string[]): Promise<boolean> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args,
    stdin: "null",
  }).output();
  if (!success) {
    console.error(`deno ${args.join(" ")}`);
    await Deno.stderr.write(stdout);
    await Deno.stderr.write(stderr);
  }
  return success;
}

const { exports }: { exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile("deno.json"),
);
const results = await Promise.all([
  // A door at a time: what another one exports is private to it.
  ...Object.values(exports).map((door) => passes(["doc", "--lint", door])),
  // What git has not seen yet is the rule while one works.
  passes(["publish", "--quiet", "--dry-run", "--allow-dirty"]),
]);
if (results.includes(false)) Deno.exit(1);
console.log(`Checked ${results.length - 1} doors of the package`);

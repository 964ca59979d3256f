import { ROOT } from "../support.ts";

/** What the programs and `deno task build` need of the project. */
const FILES = [
  ...["deno.json", "deno.lock", "server.ts", "client.ts", "lib", "tools"],
  ...["tests/data", "tests/browser/deno.json"],
];

/** Copies the project into a new folder of that name. @returns its path. */
export async function copyProject(
  parent: string,
  name: string,
): Promise<string> {
  const path = `${parent}/${name}`;
  for (const file of FILES) {
    const folder = file.split("/").slice(0, -1).join("/");
    await Deno.mkdir(`${path}/${folder}`, { recursive: true });
    const { success } = await new Deno.Command("cp", {
      args: ["-R", `${ROOT}${file}`, `${path}/${folder}`],
    }).output();
    if (!success) throw new Error(`Can't copy ${file}`);
  }
  // Too much to copy, where it is there at all.
  await Deno.symlink(`${ROOT}vendor`, `${path}/vendor`);
  return path;
}

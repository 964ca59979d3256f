import { glob } from "node:fs/promises";
import { SourceError } from "./errors.ts";

/** Orders names as people do: 2 before 10. */
const byName = new Intl.Collator("en", { numeric: true });

/**
 * Lists the files that a path stands for, in name order: itself, the files of a
 * folder that `readable` holds for, or what a glob matches. A file that is
 * there under the very name is taken for itself, whatever signs its name has.
 *
 * @throws {SourceError} when there are none.
 */
export async function listFiles(
  path: string,
  readable: (name: string) => boolean,
): Promise<string[]> {
  const info = await stat(path);
  if (info?.isFile) return [path];
  const found: string[] = [];
  if (info?.isDirectory) {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (!isDirectory && readable(name)) found.push(`${path}/${name}`);
    }
  } else if (info === undefined && /[*?[{]/.test(path)) {
    for await (const name of glob(path)) found.push(name);
  } else {
    throw new SourceError(
      info === undefined
        ? `There is no file or folder ${path}`
        : `${path} is neither a file nor a folder`,
    );
  }
  if (found.length > 0) return found.sort(byName.compare);
  throw new SourceError(
    info ? `The folder ${path} has no point files` : `No file matches ${path}`,
  );
}

async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new SourceError(`${path} can't be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** What the system says of a file, without its own wrapping. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/ \(os error \d+\).*$/, "");
}

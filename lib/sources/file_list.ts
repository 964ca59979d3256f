import { glob } from "node:fs/promises";
import { SourceError } from "./errors.ts";

/** Orders names as people do: 2 before 10. */
export const byName = new Intl.Collator("en", { numeric: true });

/** What a path stands for. */
export interface FileList {
  /** Paths, in name order. */
  files: string[];
  /** Whether the path is that of a folder. */
  isFolder: boolean;
}

/**
 * Lists the files that a path stands for, in name order: itself, the files of a
 * folder that `readable` holds for, or what a glob matches. A file that is
 * there under the very name is taken for itself, whatever signs its name has.
 * Hidden files of a folder are passed over.
 *
 * @throws {SourceError} where there is no such file or folder, or a glob
 * matches nothing.
 */
export async function listFiles(
  path: string,
  readable: (name: string) => boolean,
): Promise<FileList> {
  const info = await stat(path);
  if (info?.isFile) return { files: [path], isFolder: false };
  const found: string[] = [];
  if (info?.isDirectory) {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const isWanted = !isDirectory && !isHidden(name) && readable(name);
      if (isWanted) found.push(`${path}/${name}`);
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
  if (info === undefined && found.length === 0) {
    throw new SourceError(`No file matches ${path}`);
  }
  return { files: found.sort(byName.compare), isFolder: info !== undefined };
}

/** Tells whether a name is one that a folder's listing leaves out. */
export function isHidden(name: string): boolean {
  return name.startsWith(".");
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

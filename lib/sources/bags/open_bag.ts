import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import type { Bag } from "./bag.ts";
import { openMcap } from "./mcap/mcap_bag.ts";
import { openSqliteBag } from "./sqlite_bag.ts";

/** A bag by its path, and which of its topics are wanted. */
export interface BagName {
  path: string;
  /** All that have clouds, or pictures, where none are named. */
  topics?: string;
}

/** Opens a bag by its extension. */
const OPENERS: readonly [
  string,
  (path: string, log: Logger) => Promise<Bag>,
][] = [[".mcap", openMcap], [".db3", openSqliteBag]];

/** Finds the bag that a name is of; nothing where it is of none. */
export async function findBag(name: string): Promise<BagName | undefined> {
  const extensions = OPENERS.map(([extension]) => extension.slice(1)).join("|");
  const [, file, topics] =
    new RegExp(`^(.+\\.(?:${extensions}))(?::(.+))?$`, "is").exec(name) ?? [];
  if (file !== undefined) {
    return { path: file, ...(topics !== undefined && { topics }) };
  }
  const [, folder, wanted] = /^(.+?)(?::(\/?[\w*].*))?$/s.exec(name) ?? [];
  for (const [path, topics] of [[name], [folder, wanted]]) {
    if (path === undefined || !await isBagFolder(path)) continue;
    return { path, ...(topics !== undefined && { topics }) };
  }
}

/**
 * Opens a bag.
 *
 * @throws {SourceError} for what is none.
 */
export async function openBag(path: string, log: Logger): Promise<Bag> {
  const file = await isBagFolder(path) ? await fileOfFolder(path) : path;
  const [, open] = OPENERS.find(([extension]) =>
    file.toLowerCase().endsWith(extension)
  )!;
  return await open(file, log);
}

/** What rosbag2 writes beside the files of a bag. */
const METADATA = "metadata.yaml";

async function isBagFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(`${path}/${METADATA}`)).isFile;
  } catch {
    return false;
  }
}

/** Finds the one file of a bag's folder. */
async function fileOfFolder(folder: string): Promise<string> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (OPENERS.some(([end]) => name.toLowerCase().endsWith(end))) {
      files.push(name);
    }
  }
  if (files.length === 1) return `${folder}/${files[0]}`;
  throw new SourceError(
    files.length === 0
      ? `The bag ${folder} has no file that is read; those of ` +
        `${OPENERS.map(([end]) => end).join(" and ")} are, uncompressed`
      : `The bag ${folder} is in ${files.length} files: give one of them, ` +
        `such as ${folder}/${files.toSorted()[0]}`,
  );
}

import type { Logger } from "../../log.ts";
import { isPointFile } from "../../points/formats.ts";
import { SourceError } from "../errors.ts";
import { byName, isHidden, reasonOf } from "../file_list.ts";

/** What rosbag2 writes beside the files of a bag. */
const METADATA = "metadata.yaml";
const MAX_METADATA_BYTES = 16 * 1024 * 1024;
/** Most files of a bag, each of which is kept open. */
const MAX_FILES = 500;

/** The files of a bag are told by their names. */
export type IsBagFile = (name: string) => boolean;

/**
 * Tells whether a folder is a bag: it has a bag's metadata, or bags, and no
 * scans beside them.
 */
export async function isBagFolder(
  path: string,
  isBagFile: IsBagFile,
): Promise<boolean> {
  let [hasBags, hasScans] = [false, false];
  try {
    for await (const { name, isFile } of Deno.readDir(path)) {
      if (!isFile || isHidden(name)) continue;
      if (name === METADATA) return true;
      hasBags ||= isBagFile(name);
      hasScans ||= isPointFile(name);
    }
  } catch {
    // It is no folder, or none that can be read.
  }
  return hasBags && !hasScans;
}

/**
 * Lists the files of a bag's folder: those that its metadata names, or where it
 * has none, all bags in it.
 *
 * @returns paths, in the order in which they were written.
 * @throws {SourceError} where there are none, or more than 500.
 */
export async function filesOfFolder(
  folder: string,
  { isBagFile, log }: { isBagFile: IsBagFile; log: Logger },
): Promise<string[]> {
  const there: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (isBagFile(name) && !isHidden(name)) there.push(name);
  }
  const named = there.length === 1 ? [] : await namedFiles(folder);
  const missing = named.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    log.warn("a bag is played without files that it should have", {
      ...{ folder, files: missing.slice(0, 10), missing: missing.length },
    });
  }
  const files = named.length > missing.length
    ? named.filter((name) => there.includes(name))
    : there.sort(byName.compare);
  if (files.length > 0 && files.length <= MAX_FILES) {
    return files.map((name) => `${folder}/${name}`);
  }
  throw new SourceError(
    files.length === 0
      ? `The bag ${folder} has no file that is read: .mcap and .db3 are, as ` +
        "they are or compressed by zstd"
      : `The bag ${folder} is in ${files.length} files, and at most ` +
        `${MAX_FILES} are taken`,
  );
}

/** The files that the metadata names; none where it has no list of them. */
async function namedFiles(folder: string): Promise<string[]> {
  const path = `${folder}/${METADATA}`;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_METADATA_BYTES) {
      throw new SourceError(`${path} has ${size} bytes, which is too much`);
    }
    return readFileList(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${path} can't be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Reads the list of files of a bag's metadata, a block of YAML. Old versions
 * name them with the folder: the last part of each path counts.
 */
function readFileList(yaml: string): string[] {
  const [, block = ""] =
    /^ *relative_file_paths:[^\S\n]*\n((?:[^\S\n]*-[^\n]*(?:\n|$))*)/m
      .exec(yaml) ?? [];
  return [...block.matchAll(/^\s*-\s+(.+?)\s*$/gm)].map(([, item]) => {
    const [, plain] = /^(?:'(.*)'|"(.*)"|(.*))$/.exec(item)?.filter((text) =>
      text !== undefined
    ) ?? [];
    return plain.replace(/^.*[/\\]/, "");
  });
}

import type { Logger } from "../../log.ts";
import type { Bag } from "./bag.ts";
import { filesOfFolder, isBagFolder } from "./bag_folder.ts";
import { decompressFile } from "./decompressed_file.ts";
import { JoinedBag } from "./joined_bag.ts";
import { openMcap } from "./mcap/open_mcap.ts";
import type { OpenFileOptions } from "./open_file_options.ts";
import { openRos1Bag } from "./ros1/ros1_bag.ts";
import { openSqliteBag } from "./sqlite_bag.ts";

/** A bag by its path, and which of its topics are wanted. */
export interface BagName {
  path: string;
  /** All that have clouds, or pictures, where none are named. */
  topics?: string;
}

/** How a bag is opened. */
export interface OpenBagOptions {
  log: Logger;
  /** Ends what takes long: to unpack one. @default {never} */
  signal?: AbortSignal;
}

type OpenFile = (path: string, options: OpenFileOptions) => Promise<Bag>;

/** Opens a file by its extension. */
const OPENERS: ReadonlyMap<string, OpenFile> = new Map([
  ["mcap", openMcap],
  ["db3", openSqliteBag],
  ["bag", openRos1Bag],
]);

const EXTENSIONS = `\\.(${[...OPENERS.keys()].join("|")})(\\.zstd?)?`;
const BAG_FILE = new RegExp(`${EXTENSIONS}$`, "i");
const BAG_FILE_AND_TOPICS = new RegExp(`^(.+?${EXTENSIONS})(?::(.+))?$`, "is");

/** Finds the bag that a name is of; nothing where it is of none. */
export async function findBag(name: string): Promise<BagName | undefined> {
  const [, file, , , topics] = BAG_FILE_AND_TOPICS.exec(name) ?? [];
  if (file !== undefined) {
    return { path: file, ...(topics !== undefined && { topics }) };
  }
  const [, folder, wanted] = /^(.+?)(?::(\/?[\w*].*))?$/s.exec(name) ?? [];
  for (const [path, topics] of [[name], [folder, wanted]]) {
    if (path === undefined || !await isBagFolder(path, isBagFile)) continue;
    return { path, ...(topics !== undefined && { topics }) };
  }
}

/**
 * Opens a bag: a file, or the folder that one is in.
 *
 * @throws {SourceError} for what is none.
 * @throws the signal's reason when it is aborted.
 */
export async function openBag(
  path: string,
  options: OpenBagOptions,
): Promise<Bag> {
  if (!await isBagFolder(path, isBagFile)) return await openFile(path, options);
  const { log } = options;
  const bags: Bag[] = [];
  try {
    for (const file of await filesOfFolder(path, { isBagFile, log })) {
      bags.push(await openFile(file, options));
    }
  } catch (error) {
    for (const bag of bags) bag[Symbol.dispose]();
    throw error;
  }
  return bags.length === 1 ? bags[0] : new JoinedBag(bags);
}

async function openFile(
  path: string,
  { log, signal }: OpenBagOptions,
): Promise<Bag> {
  const [, extension, isCompressed] = BAG_FILE.exec(path) ?? [];
  const open = OPENERS.get(extension.toLowerCase())!;
  if (isCompressed === undefined) return await open(path, { name: path, log });
  // Once it is open its name can go: nothing is left, whatever ends us.
  await using file = await decompressFile(path, { log, signal });
  return await open(file.path, { name: path, log });
}

function isBagFile(name: string): boolean {
  return BAG_FILE.test(name);
}

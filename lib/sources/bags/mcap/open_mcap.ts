import { BagFile } from "../bag_file.ts";
import type { OpenFileOptions } from "../open_file_options.ts";
import { type McapBag, readMcap } from "./mcap_bag.ts";

/**
 * Opens an MCAP file.
 *
 * @throws {SourceError} for what is no MCAP file.
 */
export async function openMcap(
  path: string,
  { name, log }: OpenFileOptions,
): Promise<McapBag> {
  return await readMcap(await BagFile.open(path, name), log);
}

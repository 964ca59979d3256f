import type { Bag } from "../bag.ts";
import { BagFile } from "../bag_file.ts";
import type { OpenFileOptions } from "../open_file_options.ts";
import { readMcap } from "./mcap_bag.ts";

/**
 * Opens an MCAP file.
 *
 * @throws {SourceError} for what is no MCAP file.
 */
export async function openMcap(
  path: string,
  { name, log }: OpenFileOptions,
): Promise<Bag> {
  return await readMcap(await BagFile.open(path, name), log);
}

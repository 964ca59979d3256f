import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";

/** A sensor with 128 beams has 11 KB. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a sensor's metadata from a JSON file, or the text of a CSV file: a
 * Hesai's angle corrections.
 *
 * @throws {SourceError} naming the file and what is wrong with it.
 */
export async function readMetadataFile(path: string): Promise<unknown> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw new Error("it is no regular file");
    if (size > MAX_BYTES) {
      throw new Error(
        `it has ${size} bytes, and at most ${MAX_BYTES} are read`,
      );
    }
    const text = await Deno.readTextFile(path);
    return /\.csv$/i.test(path) ? text : JSON.parse(text);
  } catch (error) {
    throw new SourceError(
      `The metadata ${path} can't be read: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** What stands beside a capture is called so, for one sensor or several. */
const SUFFIXES = ["", ...Array.from({ length: 16 }, (_, i) => `_${i}`)];

/**
 * Reads what JSON files stand beside a capture under its name: `drive.json`,
 * `drive_0.json`, `drive_1.json`, …
 *
 * @throws {SourceError} for one that can't be read.
 */
export async function readMetadataBeside(capture: string): Promise<unknown[]> {
  const base = capture.replace(/\.[^./\\]*$/, "");
  const found: unknown[] = [];
  for (const suffix of SUFFIXES) {
    const path = `${base}${suffix}.json`;
    const info = await Deno.stat(path).catch(() => undefined);
    if (info?.isFile) found.push(await readMetadataFile(path));
  }
  return found;
}

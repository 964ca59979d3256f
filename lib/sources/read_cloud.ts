import type { Logger } from "../log.ts";
import type { PointCloud } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import type { NamedType } from "../points/field.ts";
import { decodeFile } from "../points/formats.ts";
import { SourceError } from "./errors.ts";
import { reasonOf } from "./file_list.ts";
import { pickFields } from "./pick_fields.ts";

/** Options of {@linkcode readCloud}. */
export interface ReadCloudOptions {
  /**
   * The fields of a point, where the file doesn't say them; else those that
   * are given. @default {all of the file}
   */
  fields?: readonly NamedType[];
  /** Most bytes of a file. @default {1073741824} 1 GiB */
  maxFileBytes?: number;
  /** Receives what was chosen where a file leaves a choice. */
  log?: Logger;
}

/** A text form takes some times the bytes of the points. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/**
 * Reads one file of points by its extension. Its size is looked at before
 * anything is loaded.
 *
 * @throws {SourceError} that names the file and what is wrong with it; its
 * cause is a {@linkcode PointsError} where that is the content.
 */
export async function readCloud(
  file: string,
  { fields, maxFileBytes = MAX_FILE_BYTES, log }: ReadCloudOptions = {},
): Promise<PointCloud> {
  try {
    const bytes = await readBounded(file, maxFileBytes);
    const onNote = (note: string) => log?.info(note, { file });
    const cloud = await decodeFile(file, bytes, { fields, onNote });
    return pickFields(cloud, fields);
  } catch (error) {
    const known = error instanceof PointsError;
    const why = known ? error.message : reasonOf(error);
    throw new SourceError(`${file}: ${why}`, { cause: error });
  }
}

/** Reads as many bytes as a file has when it is opened. */
async function readBounded(
  path: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const { size, isFile } = await file.stat();
  if (!isFile) throw new Error("It is no regular file");
  if (size > most) {
    throw new PointsError(
      "too-large",
      `The file has ${size} bytes, and at most ${most} are read`,
    );
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** NumPy's `.npz`: a zip archive of `.npy` files, deflated or not. */
import type { PointCloud } from "../cloud.ts";
import { PointsError } from "../errors.ts";
import { NpyDecoder, type NpyDecoderOptions } from "../npy/decoder.ts";
import { listZip, readZipEntry } from "./zip.ts";

/** Options of {@linkcode decodeNpz}. */
export interface DecodeNpzOptions extends NpyDecoderOptions {
  /** Called with a sentence that says which array was taken. */
  onNote?(text: string): void;
}

/** Arrays that an error says of why they are passed over. */
const MAX_SHOWN_ARRAYS = 5;

/**
 * Reads the first array of an archive that is points.
 *
 * @throws {PointsError} `unsupported` where none is, naming them; `header` or
 * `length` for a damaged archive.
 */
export async function decodeNpz(
  bytes: Uint8Array,
  { names, onNote }: DecodeNpzOptions = {},
): Promise<PointCloud> {
  const archive = bytes as Uint8Array<ArrayBuffer>;
  const arrays = listZip(bytes).filter(({ name }) => name.endsWith(".npy"));
  const passed: string[] = [];
  for (const entry of arrays) {
    const content = await readZipEntry(archive, entry);
    const name = entry.name.slice(0, -".npy".length);
    const cloud = decodeOrPass(content, names, (why) => {
      passed.push(`${name} (${why})`);
    });
    if (cloud === undefined) continue;
    onNote?.(
      `The points are the array ${name}` +
        (arrays.length === 1
          ? ""
          : `, the first that fits of ${arrays.length}`),
    );
    return cloud;
  }
  const shown = passed.slice(0, MAX_SHOWN_ARRAYS).join("; ");
  throw new PointsError(
    "unsupported",
    `Cannot read .npz: none of its ${arrays.length} arrays is points` +
      (shown === "" ? "" : `: ${shown}`),
  );
}

function decodeOrPass(
  content: Uint8Array,
  names: readonly string[] | undefined,
  onPassed: (why: string) => void,
): PointCloud | undefined {
  try {
    return new NpyDecoder({ names }).decode(content);
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    onPassed(error.message.replace("Cannot read .npy: ", ""));
  }
}

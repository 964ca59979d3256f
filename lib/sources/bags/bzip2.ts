import type Bzip2 from "@foxglove/wasm-bz2";
import { PointsError } from "../../points/errors.ts";

/** Decompressing is one synchronous call, so all share the module's heap. */
let loading: Promise<Bzip2> | undefined;

async function load(): Promise<Bzip2> {
  const { default: bzip2 } = await import("@foxglove/wasm-bz2");
  return await bzip2.init();
}

/**
 * Decompresses bzip2 whose content's size is known, by the reference library in
 * WebAssembly, which is loaded for the first.
 *
 * @returns the content, in a buffer of its own.
 * @throws {PointsError} `header` where it is damaged or has more, `length`
 * where it has less.
 */
export async function bzip2Decompress(
  bytes: Uint8Array,
  size: number,
): Promise<Uint8Array> {
  const bzip2 = await (loading ??= load());
  let content: Uint8Array;
  try {
    content = bzip2.decompress(bytes, size);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PointsError("header", `Cannot read bzip2: ${why}`, { cause });
  }
  if (content.length === size) return content;
  throw new PointsError(
    "length",
    `Cannot read bzip2: ${content.length} bytes came out, where ${size} are ` +
      "due",
  );
}

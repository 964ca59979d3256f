import { basename, dirname } from "node:path";

/**
 * Writes a file as a whole or not at all: under a hidden name beside it, which
 * then becomes its own. What was there before stays until then.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { target, mode } = await findTarget(path);
  const id = crypto.randomUUID().slice(0, 8);
  const part = `${dirname(target)}/.${basename(target)}.${id}.part`;
  try {
    await Deno.writeFile(part, bytes, { createNew: true, mode, signal });
    await Deno.rename(part, target);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

/** Follows a link to the file that it names. */
async function findTarget(
  path: string,
): Promise<{ target: string; mode?: number }> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    if (!isFile) throw new Error("It is no regular file");
    const target = await Deno.realPath(path);
    return mode === null ? { target } : { target, mode: mode & 0o777 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { target: path };
    throw error;
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { isOutOfDescriptors } from "../descriptors.ts";
import { CredentialsError } from "./errors.ts";

export interface FollowOptions {
  /** Ends the looking. */
  signal: AbortSignal;
  /** Called with new texts; what it throws goes to `onError`. */
  onChange(texts: string[]): void | Promise<void>;
  /** Called with why the old texts stay, once for each change. */
  onError(error: unknown): void;
  /** Time between two looks, milliseconds. @default {1000} */
  intervalMs?: number;
}

/**
 * Reads text files, without the byte order mark that editors of Windows write.
 *
 * @throws {CredentialsError} naming the file.
 */
export function readFiles(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        return new TextDecoder().decode(await Deno.readFile(path));
      } catch (cause) {
        const why = `Can't read ${path}: ${whyNot(cause)}`;
        throw new CredentialsError(why, { cause });
      }
    }),
  );
}

/**
 * Reads files again and again until `signal` aborts, and calls `onChange` when
 * they have changed. Reading sees a link that is swapped, as certificate tools
 * do it, on every system. Texts count once they were the same twice, so that
 * nothing half written does.
 *
 * @param texts what the files held before.
 */
export async function followFiles(
  paths: readonly string[],
  texts: readonly string[],
  { signal, onChange, onError, intervalMs = 1000 }: FollowOptions,
): Promise<void> {
  let known = JSON.stringify(texts);
  let last = known;
  while (true) {
    await delay(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    let found: string[] | undefined;
    let state: string;
    let failure: unknown;
    try {
      found = await readFiles(paths);
      state = JSON.stringify(found);
    } catch (error) {
      failure = error;
      state = String(error);
    }
    if (state === last && state !== known) {
      try {
        if (found === undefined) throw failure;
        await onChange(found);
        known = state;
      } catch (error) {
        // A shortage of file descriptors passes, and says nothing of the files.
        if (!isOutOfDescriptors(error)) {
          known = state;
          onError(error);
        }
      }
    }
    last = state;
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not read it";
  }
  return error instanceof Error ? error.message : String(error);
}

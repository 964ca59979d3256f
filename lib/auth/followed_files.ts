import { setTimeout as delay } from "node:timers/promises";
import { CredentialsError } from "./errors.ts";

export interface FollowOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Is given the new texts; what it throws goes to `onError`. */
  onChange(texts: string[]): void | Promise<void>;
  /** Is told why the old texts stay, once for each change. */
  onError(error: unknown): void;
  /** Time between two looks. @default {1000} milliseconds */
  intervalMs?: number;
}

/**
 * Reads text files.
 *
 * @throws {CredentialsError} naming the file.
 */
export function readFiles(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map((path) =>
      Deno.readTextFile(path).catch((cause) => {
        throw new CredentialsError(`Can't read ${path}: ${whyNot(cause)}`, {
          cause,
        });
      })
    ),
  );
}

/**
 * Looks whether files have changed until `signal` aborts. It reads them: a link
 * that is swapped, as certificate tools do it, is seen on every system. Texts count
 * once they were found the same twice, so that nothing half written does.
 *
 * @param texts what was read of them before.
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
      known = state;
      try {
        if (found === undefined) throw failure;
        await onChange(found);
      } catch (error) {
        onError(error);
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

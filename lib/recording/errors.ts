import { isOutOfDescriptors, TOO_MANY_OPEN } from "../descriptors.ts";

/** A recording can't be made; its message is a sentence. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/** Makes the error of a file that can't be written. */
export function cannotRecord(path: string, cause: unknown): RecordingError {
  const message = `Can't record ${path}: ${whyNotWritten(cause)}`;
  return new RecordingError(message, { cause });
}

/** What the system says in short, as Node names it, and what to do. */
const WORDS: Record<string, string> = {
  ENOSPC: "no space left on device; make room for what comes next",
  EDQUOT: "this user's disk quota is used up; make room for what comes next",
  EFBIG: "no file may be as large there",
  EROFS: "its file system is read-only",
  EIO: "the disk fails",
};

/** Says in a clause why a file can't be written, and what to do. */
export function whyNotWritten(error: unknown): string {
  if (isOutOfDescriptors(error)) return TOO_MANY_OPEN;
  if (error instanceof Deno.errors.NotFound) {
    return "its folder is gone; make it again for what comes next";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not write there";
  }
  if (
    error instanceof Deno.errors.AlreadyExists ||
    error instanceof Deno.errors.NotADirectory
  ) return "it is not a folder";
  if (!(error instanceof Error)) return String(error);
  const { code = "" } = error as Error & { code?: string };
  return Object.hasOwn(WORDS, code) ? WORDS[code] : error.message;
}

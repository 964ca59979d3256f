import { RecordingError, whyNotWritten } from "./errors.ts";

/** Which program records: errors say how it is started. */
export type RecordingProgram = "server" | "client";

/**
 * Makes the folder of recordings, if it isn't there, and tries to write there:
 * a session that comes later could not say what is wrong.
 *
 * @throws {RecordingError} naming the folder and what to do.
 */
export function openRecordingFolder(
  folder: string,
  program: RecordingProgram = "server",
): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: ".probe-" }));
  } catch (cause) {
    throw new RecordingError(
      `Can't record into ${folder}: ${whyNot(cause, folder, program)}`,
      { cause },
    );
  }
}

function whyNot(
  error: unknown,
  folder: string,
  program: RecordingProgram,
): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `the permission --allow-write=${folder} is missing; type ` +
      `deno run -P=${program} --allow-write="${folder}" ${program}.ts ` +
      `--record "${folder}"`;
  }
  return whyNotWritten(error);
}

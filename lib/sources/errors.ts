/**
 * Thrown for a source that gives no clouds; names the file and what is wrong.
 */
export class SourceError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "SourceError";
}

/** Thrown where there is no session to watch. */
export class NoSessionError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "NoSessionError";
}

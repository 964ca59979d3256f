/** Thrown where there is no session to watch. */
export class NoSessionError extends Error {
  override readonly name = "NoSessionError";
}

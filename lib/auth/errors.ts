/** A file of tokens, keys or certificates can't be used; its message is a sentence. */
export class CredentialsError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "CredentialsError";
}

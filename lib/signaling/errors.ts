/** Thrown when a server can't be asked, or answers with a refusal. */
export class SignalingError extends Error {
  override readonly name = "SignalingError";
  /** The HTTP status of the refusal; none where there was no answer. */
  readonly status: number | undefined;
  /** When the server wants to be asked again, seconds. */
  readonly retryAfterS: number;

  /**
   * @param message one sentence that names the URL and what went wrong.
   * @param options what the server said, and the cause where there is one.
   */
  constructor(
    message: string,
    options: ErrorOptions & { status?: number; retryAfterS?: number } = {},
  ) {
    super(message, options);
    this.status = options.status;
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}

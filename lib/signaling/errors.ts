export interface SignalingErrorOptions extends ErrorOptions {
  /** Status of the server's answer, where it gave one. */
  status?: number;
  /** When the server wants to be asked again, seconds. @default {0} */
  retryAfterS?: number;
}

/** Thrown when a server can't be asked, or its answer is a no. */
export class SignalingError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "SignalingError";
  /** Status of the server's answer; none where no answer came. */
  readonly status: number | undefined;
  /**
   * When the server wants to be asked again, seconds; 0 where it doesn't say.
   */
  readonly retryAfterS: number;

  /** Makes an error; `message` is a sentence. */
  constructor(message: string, options: SignalingErrorOptions = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}

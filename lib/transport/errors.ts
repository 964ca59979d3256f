/** Why a connection could not be made or didn't last. */
export type ConnectionErrorReason =
  /** Not connected in time. */
  | "timeout"
  /** ICE or DTLS failed. */
  | "failed"
  /** The peer closed it. */
  | "closed";

export interface ConnectionErrorOptions extends ErrorOptions {
  /** The part of the message that says why. @default {all of it} */
  why?: string;
}

/** Thrown when a peer connection can't be made or ends early. */
export class ConnectionError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "ConnectionError";
  /** The part of the message that says why, to go on with after a colon. */
  readonly why: string;

  /** Makes an error; `message` is a sentence. */
  constructor(
    /** Which kind of failure it is. */
    readonly reason: ConnectionErrorReason,
    message: string,
    options: ConnectionErrorOptions = {},
  ) {
    super(message, options);
    this.why = options.why ?? message;
  }
}

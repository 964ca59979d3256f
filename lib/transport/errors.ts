/** Why a connection could not be made or didn't last. */
export type ConnectionErrorReason =
  /** Not connected in time. */
  | "timeout"
  /** ICE or DTLS failed. */
  | "failed"
  /** The peer closed it. */
  | "closed";

/** Thrown when a peer connection can't be made or ends early. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  constructor(
    readonly reason: ConnectionErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown where a server refuses what it is asked for. */
export class ExchangeError extends Error {
  override name = "ExchangeError";
  /** The HTTP status; undefined where the server didn't answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

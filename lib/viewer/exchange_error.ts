/** Why a server doesn't do what the page asks for. */

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

/** Reads why a request was refused (RFC 9457). */
export async function readProblem(response: Response): Promise<string> {
  const problem = await response.json().catch(() => undefined);
  return typeof problem?.detail === "string"
    ? problem.detail
    : `The server answered ${response.status} ${response.statusText}`.trim();
}

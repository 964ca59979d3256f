import type { RequestLimit } from "./limit_name.ts";

/** A request would be more than a limit allows. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  constructor(
    readonly limit: RequestLimit,
    message: string,
    /** When it may be asked for again, seconds. */
    readonly retryAfterS?: number,
  ) {
    super(message);
  }
}

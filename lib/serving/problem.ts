import { STATUS_CODE, STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { RequestLimit } from "../limits/limit_name.ts";

/**
 * Seconds after which to ask a server again that takes nothing now: one that
 * stops is gone by then, and another one there.
 */
const RETRY_AFTER_S = 5;

/** Why there is a problem, for the log and the counters. */
export interface ProblemOptions extends ErrorOptions {
  /** The limit that was reached, where it is one. */
  limit?: RequestLimit;
}

/** 503 of a server that takes nothing now and may soon. */
export function unavailable(
  detail: string,
  options?: ErrorOptions,
): HttpProblem {
  const headers = { "retry-after": `${RETRY_AFTER_S}` };
  return new HttpProblem(
    STATUS_CODE.ServiceUnavailable,
    detail,
    headers,
    options,
  );
}

/** An HTTP error that the client is told of, with nothing of a stack trace. */
export class HttpProblem extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "HttpProblem";
  /** The limit that was reached, where it is one. */
  readonly limit: RequestLimit | undefined;

  /** Makes a problem; `detail` is a sentence, for the client too. */
  constructor(
    /** The response's status. */
    readonly status: StatusCode,
    detail: string,
    /** Fields of the response besides its content type. */
    readonly headers: Record<string, string> = {},
    options?: ProblemOptions,
  ) {
    super(detail, options);
    this.limit = options?.limit;
  }

  /** The problem document (RFC 9457), `application/problem+json`. */
  response(): Response {
    const body = {
      title: STATUS_TEXT[this.status],
      status: this.status,
      detail: this.message,
    };
    return Response.json(body, {
      status: this.status,
      headers: { ...this.headers, "content-type": "application/problem+json" },
    });
  }
}

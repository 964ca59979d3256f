import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { RequestLimit } from "../limits/limit_name.ts";

/** Why there is a problem, for the log and the counters. */
export interface ProblemOptions extends ErrorOptions {
  /** The limit that was reached, where it is one. */
  limit?: RequestLimit;
}

/** An HTTP error that the client is told of, with nothing of a stack trace. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly limit: RequestLimit | undefined;
  constructor(
    readonly status: StatusCode,
    detail: string,
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

import { STATUS_CODE, STATUS_TEXT, type StatusCode } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { RequestLimit } from "../limits/limit_name.ts";

/**
 * When to ask a server again that takes nothing now, seconds: one that stops is
 * gone by then, and another one there.
 */
const RETRY_AFTER_S = 5;

/** Most characters of a detail: values that it repeats are shorter by far. */
const MAX_DETAIL_CHARACTERS = 1_000;

/** What else there is to say of a problem. */
export interface ProblemOptions extends ErrorOptions {
  /** Fields of the response besides its content type. @default none */
  headers?: Record<string, string>;
  /** The limit that was reached, if any: it is counted. */
  limit?: RequestLimit;
}

/**
 * An HTTP error as the client sees it, with nothing of a stack trace; `cause`
 * is for the log.
 */
export class HttpProblem extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "HttpProblem";
  /** The response's status. */
  readonly status: StatusCode;
  /** Fields of the response besides its content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** The limit that was reached, if any. */
  readonly limit: RequestLimit | undefined;

  /** Makes a problem; `detail` is a sentence, for the client too. */
  constructor(
    status: StatusCode,
    detail: string,
    { headers = {}, limit, ...options }: ProblemOptions = {},
  ) {
    super(cutText(detail, MAX_DETAIL_CHARACTERS), options);
    this.status = status;
    this.headers = headers;
    this.limit = limit;
  }

  /** Makes the problem document (RFC 9457), `application/problem+json`. */
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

/** Makes the 503 of a server that takes nothing now and may soon. */
export function unavailable(
  detail: string,
  options?: ErrorOptions,
): HttpProblem {
  const headers = { "retry-after": `${RETRY_AFTER_S}` };
  return new HttpProblem(STATUS_CODE.ServiceUnavailable, detail, {
    headers,
    ...options,
  });
}

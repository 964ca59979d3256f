import { STATUS_TEXT, type StatusCode } from "@std/http/status";

/** An HTTP error that the client is told of, with nothing of a stack trace. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  constructor(
    readonly status: StatusCode,
    detail: string,
    readonly headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
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

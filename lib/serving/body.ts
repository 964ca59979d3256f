import { STATUS_CODE } from "@std/http/status";
import { BodyError, readText } from "../limits/read_text.ts";
import { BODY_TIMEOUT_MS, MAX_BODY_BYTES } from "../limits/request_limits.ts";
import { HttpProblem } from "./problem.ts";

/**
 * Reads a request's body as UTF-8, and stops where it grows too large or takes
 * too long.
 *
 * @throws {HttpProblem} 413, 408, or 400 where it isn't UTF-8.
 */
export async function readBody(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<string> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow(timeoutMs)), timeoutMs);
  const { signal } = late;
  try {
    return await readText(request, { maxBytes, fatal: true, signal });
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    throw problemOf(error, maxBytes);
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(cause: BodyError, maxBytes: number): HttpProblem {
  switch (cause.reason) {
    case "too-large":
      return tooLarge(maxBytes);
    case "not-utf8":
      return badBody("The body is not UTF-8 text", cause);
    case "cut-off":
      return badBody("The body was cut off", cause);
  }
}

function badBody(detail: string, cause: BodyError): HttpProblem {
  return new HttpProblem(STATUS_CODE.BadRequest, detail, { cause });
}

/** Makes the 413 of a body that is too large. */
export function tooLarge(maxBytes: number): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.ContentTooLarge,
    `The body is larger than ${maxBytes} bytes`,
    { limit: "body-bytes" },
  );
}

/**
 * The connection can't be used again: the rest may still come (RFC 9110 section
 * 15.5.9).
 */
export function tooSlow(timeoutMs: number): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.RequestTimeout,
    `The body did not come whole within ${timeoutMs / 1000} s`,
    { headers: { connection: "close" }, limit: "body-time" },
  );
}

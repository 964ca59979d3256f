import { STATUS_CODE } from "@std/http/status";
import { BODY_TIMEOUT_MS, MAX_BODY_BYTES } from "../limits/request_limits.ts";
import { HttpProblem } from "./problem.ts";

/**
 * Reads a request's body as UTF-8, and stops reading where it grows too large or
 * takes too long.
 *
 * @throws {HttpProblem} 413, 408, or 400 where it isn't UTF-8.
 */
export async function readBody(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  if (request.body === null) return "";
  const reader = request.body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, timeoutMs);
  try {
    const text = await readText(reader, maxBytes);
    if (isLate) throw tooSlow(timeoutMs);
    return text;
  } catch (error) {
    void reader.cancel().catch(() => {});
    if (error instanceof HttpProblem) throw error;
    if (isLate) throw tooSlow(timeoutMs);
    throw new HttpProblem(
      STATUS_CODE.BadRequest,
      error instanceof TypeError
        ? "The body is not UTF-8 text"
        : "The body was cut off",
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(maxBytes: number): HttpProblem {
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
function tooSlow(timeoutMs: number): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.RequestTimeout,
    `The body did not come whole within ${timeoutMs / 1000} s`,
    { headers: { connection: "close" }, limit: "body-time" },
  );
}

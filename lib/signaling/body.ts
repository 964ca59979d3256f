import { STATUS_CODE } from "@std/http/status";
import { HttpProblem } from "./problem.ts";

/** Largest body of an offer, bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/**
 * Reads a request's body as UTF-8, and stops reading where it grows too large.
 *
 * @throws {HttpProblem} 413, or 400 where it isn't UTF-8.
 */
export async function readBody(
  request: Request,
  maxBytes = MAX_BODY_BYTES,
): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const part of request.body ?? []) {
      bytes += part.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      text += decoder.decode(part, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(
      STATUS_CODE.BadRequest,
      error instanceof TypeError
        ? "The body is not UTF-8 text"
        : "The body was cut off",
      {},
      { cause: error },
    );
  }
}

function tooLarge(maxBytes: number): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.ContentTooLarge,
    `The body is larger than ${maxBytes} bytes`,
  );
}

import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { HttpProblem } from "./problem.ts";

/** Says what a `POST` takes (RFC 9725 section 4.2: the field on OPTIONS). */
export function acceptPost(mediaType: string): Record<string, string> {
  return { "accept-post": mediaType };
}

/**
 * Checks that a request's body is of a media type, whatever its parameters. A
 * page of another origin can send neither JSON nor SDP without a preflight
 * (Fetch standard, section 2.2.2).
 *
 * @throws {HttpProblem} 415 that says what is taken.
 */
export function checkMediaType(request: Request, mediaType: string): void {
  const type = request.headers.get("content-type") ?? "";
  if (type.split(";", 1)[0].trim().toLowerCase() === mediaType) return;
  throw new HttpProblem(
    STATUS_CODE.UnsupportedMediaType,
    `The content type is ${type === "" ? "missing" : `"${cutText(type)}"`}, ` +
      `not "${mediaType}"`,
    { headers: acceptPost(mediaType) },
  );
}

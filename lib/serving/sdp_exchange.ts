/** Offer and answer as `application/sdp`, as WHIP and WHEP have them. */
import { STATUS_CODE } from "@std/http/status";
import { readBody } from "./body.ts";
import { checkSdp } from "./offer.ts";
import { HttpProblem } from "./problem.ts";

const MEDIA_TYPE = "application/sdp";

/** Tells what a `POST` takes (RFC 9725 section 4.2: the field on OPTIONS). */
const ACCEPT_POST = { "accept-post": MEDIA_TYPE };

/**
 * Reads an offer.
 *
 * @throws {HttpProblem} 415 for another media type, 413, or 400 that names what is
 * wrong with it.
 */
export async function readSdpOffer(request: Request): Promise<string> {
  const type = request.headers.get("content-type") ?? "";
  if (type.split(";", 1)[0].trim().toLowerCase() !== MEDIA_TYPE) {
    throw new HttpProblem(
      STATUS_CODE.UnsupportedMediaType,
      `The content type is ${type === "" ? "missing" : `"${type}"`}, ` +
        `not "${MEDIA_TYPE}"`,
      { headers: ACCEPT_POST },
    );
  }
  const sdp = await readBody(request);
  checkSdp(sdp);
  return sdp;
}

/**
 * Answers an offer with 201 and an answer that lives at `location`.
 *
 * Its entity tag names the ICE session, of which each has one: neither is
 * candidates trickled nor ICE restarted, so that there is no PATCH.
 */
export function createdResponse(
  answer: string,
  location: string,
  id: string,
): Response {
  return new Response(answer, {
    status: STATUS_CODE.Created,
    headers: { "content-type": MEDIA_TYPE, location, etag: `"${id}"` },
  });
}

/** Answers OPTIONS of an endpoint that takes offers. */
export function describeEndpoint(): Response {
  return new Response(null, {
    status: STATUS_CODE.NoContent,
    headers: { ...ACCEPT_POST, allow: "OPTIONS, POST" },
  });
}

/** Offer and answer as `application/sdp`, as WHIP and WHEP have them. */
import { STATUS_CODE } from "@std/http/status";
import { readBody } from "./body.ts";
import type { Right } from "./access.ts";
import type { IceLinks } from "./ice_links.ts";
import { checkSdp } from "./offer.ts";
import { HttpProblem } from "./problem.ts";
import type { RouteRequest } from "./route.ts";

const MEDIA_TYPE = "application/sdp";

/** Says what a `POST` takes (RFC 9725 section 4.2: the field on OPTIONS). */
const ACCEPT_POST = { "accept-post": MEDIA_TYPE };

/**
 * Reads an offer.
 *
 * @throws {HttpProblem} 415 for another media type, 413, or 400 that names what
 * is wrong with it.
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
 * Answers an offer with 201 and an answer that lives at `location`, and names
 * the STUN and TURN servers that there are.
 *
 * Its entity tag names the ICE session. There is one for good, and no PATCH:
 * candidates aren't trickled, and ICE isn't restarted.
 */
export function createdResponse(
  answer: string,
  { location, id, ice }: { location: string; id: string; ice: IceLinks },
): Response {
  const headers = new Headers({
    ...{ "content-type": MEDIA_TYPE, location, etag: `"${id}"` },
  });
  ice.addTo(headers);
  return new Response(answer, { status: STATUS_CODE.Created, headers });
}

/** Answers OPTIONS of an endpoint that takes offers of those with a right. */
export function describeEndpoint(
  ice: IceLinks,
  right: Right,
): (request: RouteRequest) => Promise<Response> {
  return async ({ request, params: { id } }) => {
    const headers = new Headers({ ...ACCEPT_POST, allow: "OPTIONS, POST" });
    await ice.addWhereAllowed(headers, request, right, id);
    return new Response(null, { status: STATUS_CODE.NoContent, headers });
  };
}

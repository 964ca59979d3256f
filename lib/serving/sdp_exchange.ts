/** Offer and answer as `application/sdp`, as WHIP and WHEP have them. */
import { STATUS_CODE } from "@std/http/status";
import { readBody } from "./body.ts";
import type { Right } from "./access.ts";
import type { IceLinks } from "./ice_links.ts";
import { acceptPost, checkMediaType } from "./media_type.ts";
import { checkSdp } from "./offer.ts";
import type { RouteRequest } from "./route.ts";

const MEDIA_TYPE = "application/sdp";

/**
 * Reads an offer.
 *
 * @throws {HttpProblem} 415 for another media type, 413, or 400 that names what
 * is wrong with it.
 */
export async function readSdpOffer(request: Request): Promise<string> {
  checkMediaType(request, MEDIA_TYPE);
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
    const headers = new Headers({
      ...acceptPost(MEDIA_TYPE),
      allow: "OPTIONS, POST",
    });
    await ice.addWhereAllowed(headers, request, right, id);
    return new Response(null, { status: STATUS_CODE.NoContent, headers });
  };
}

import type { SessionHost } from "../hosting/session_host.ts";
import { readBody } from "./body.ts";
import { checkMediaType } from "./media_type.ts";
import { parseOffer } from "./offer.ts";
import type { Route, RouteRequest } from "./route.ts";
import type { Lineages } from "./lineages.ts";

/** `POST /offer`: offer and answer as JSON, as the original has them. */
export function offerRoute(host: SessionHost, lineages: Lineages): Route {
  async function answer(
    { request, remote, access }: RouteRequest,
  ): Promise<Response> {
    checkMediaType(request, "application/json");
    const { sdp: offer, resumes } = parseOffer(await readBody(request));
    if (resumes !== undefined) lineages.checkOwn(access, resumes);
    const { id, sdp } = await host.publish({ offer, remote, resumes });
    lineages.opened(id, access, resumes);
    return Response.json({ sdp, type: "answer", session: id });
  }
  return {
    pathname: "/offer",
    rights: { POST: "publish" },
    methods: { POST: answer },
  };
}

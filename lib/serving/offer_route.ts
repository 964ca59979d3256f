import { readBody } from "./body.ts";
import { checkMediaType } from "./media_type.ts";
import { parseOffer } from "./offer.ts";
import type { Publishing } from "./publishing.ts";
import type { Route, RouteRequest } from "./route.ts";

/** `POST /offer`: offer and answer as JSON, as the original has them. */
export function offerRoute(publishing: Publishing): Route {
  async function answer(
    { request, remote, access }: RouteRequest,
  ): Promise<Response> {
    checkMediaType(request, "application/json");
    const { sdp: offer, resumes, name, machine } = parseOffer(
      await readBody(request),
    );
    const asked = { offer, remote, resumes, name, machine };
    const { id, sdp, name: called } = await publishing.open(asked, access);
    return Response.json({ sdp, type: "answer", session: id, name: called });
  }
  return {
    pathname: "/offer",
    rights: { POST: "publish" },
    methods: { POST: answer },
  };
}

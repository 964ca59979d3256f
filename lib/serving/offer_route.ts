import { readBody } from "./body.ts";
import { checkMediaType } from "./media_type.ts";
import { parseOffer } from "./offer.ts";
import type { Publishing } from "./publishing.ts";
import type { Route, RouteRequest } from "./route.ts";

/**
 * `POST /offer`: offer and answer as JSON, as the original has them.
 *
 * @param nodes gives where else the publisher may go later.
 */
export function offerRoute(
  publishing: Publishing,
  nodes: () => string[] = () => [],
): Route {
  async function answer(
    { request, remote, access }: RouteRequest,
  ): Promise<Response> {
    checkMediaType(request, "application/json");
    const { sdp: offer, resumes, name, machine } = parseOffer(
      await readBody(request),
    );
    const asked = { offer, remote, resumes, name, machine };
    const { id, sdp, name: called } = await publishing.open(asked, access);
    const answer = { sdp, type: "answer", session: id, name: called };
    const others = nodes();
    return Response.json(
      others.length === 0 ? answer : { ...answer, nodes: others },
    );
  }
  return {
    pathname: "/offer",
    rights: { POST: "publish" },
    methods: { POST: answer },
  };
}

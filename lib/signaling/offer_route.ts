import type { SessionHost } from "../hosting/session_host.ts";
import { readBody } from "./body.ts";
import { parseOffer } from "./offer.ts";
import type { Route, RouteRequest } from "./route.ts";

/** `POST /offer`: offer and answer as JSON, as the original has them. */
export function offerRoute(host: SessionHost): Route {
  async function answer({ request, remote }: RouteRequest): Promise<Response> {
    const { sdp: offer, resumes } = parseOffer(await readBody(request));
    const { id, sdp } = await host.publish({ offer, remote, resumes });
    return Response.json({ sdp, type: "answer", session: id });
  }
  return {
    pathname: "/offer",
    rights: { POST: "publish" },
    methods: { POST: answer },
  };
}

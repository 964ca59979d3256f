import { STATUS_CODE } from "@std/http/status";
import type { Logger } from "../log.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { isLoopback } from "./address.ts";
import { readBody } from "./body.ts";
import { parseOffer } from "./offer.ts";
import { HttpProblem } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";
import { unanswerable } from "./sdp_exchange.ts";

/** `POST /offer`: offer and answer as JSON, as the original has them. */
export function offerRoute(registry: SessionRegistry, log: Logger): Route {
  async function answer({ request, remote }: RouteRequest): Promise<Response> {
    const { sdp, resumes } = parseOffer(await readBody(request));
    if (resumes !== undefined && registry.wasDeleted(resumes)) {
      throw new HttpProblem(
        STATUS_CODE.Gone,
        `The session ${resumes} was deleted, and can't be resumed`,
      );
    }
    const session = await registry.create(sdp, isLoopback(remote), resumes)
      .catch(unanswerable);
    log.info("offer answered", { session: session.id, remote, resumes });
    return Response.json({
      sdp: session.answerSdp,
      type: "answer",
      session: session.id,
    });
  }
  return {
    pathname: "/offer",
    rights: { POST: "publish" },
    methods: { POST: answer },
  };
}

import { STATUS_CODE } from "@std/http/status";
import type { Logger } from "../log.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { WatcherRegistry } from "../watching/watcher_registry.ts";
import { isLoopback } from "./address.ts";
import { HttpProblem } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";
import {
  createdResponse,
  describeEndpoint,
  readSdpOffer,
  unanswerable,
} from "./sdp_exchange.ts";
import { findSession } from "./session_routes.ts";

/**
 * WHEP (draft-ietf-wish-whep): `POST /whep/ID` watches a session, `DELETE` of the
 * Location that it gives hangs up. All candidates are in the answer: other methods
 * are a 405.
 */
export function whepRoutes(
  registry: SessionRegistry,
  watchers: WatcherRegistry,
  log: Logger,
): Route[] {
  async function watch(
    { request, params, remote }: RouteRequest,
  ): Promise<Response> {
    const session = findSession(registry, params.id);
    const offer = await readSdpOffer(request);
    const watcher = await watchers.create(session, offer, isLoopback(remote))
      .catch(unanswerable);
    const { id, answerSdp } = watcher;
    log.info("offer to watch answered", {
      session: session.id,
      watcher: id,
      remote,
    });
    return createdResponse(answerSdp, `/whep/${session.id}/${id}`, id);
  }
  return [
    {
      pathname: "/whep/:id",
      rights: { POST: "watch" },
      methods: { OPTIONS: describeEndpoint, POST: watch },
    },
    {
      pathname: "/whep/:id/:watcher",
      rights: { DELETE: "watch" },
      methods: {
        DELETE: async ({ params: { id, watcher } }) => {
          const session = findSession(registry, id);
          const found = watchers.get(session, watcher ?? "");
          if (found === undefined) {
            throw new HttpProblem(
              STATUS_CODE.NotFound,
              `Session ${id} has no watcher ${watcher}`,
            );
          }
          await found.close("the watcher hung up");
          return new Response();
        },
      },
    },
  ];
}

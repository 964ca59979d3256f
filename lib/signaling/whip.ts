import type { Logger } from "../log.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { isLoopback } from "./address.ts";
import type { Route, RouteRequest } from "./route.ts";
import {
  createdResponse,
  describeEndpoint,
  readSdpOffer,
  unanswerable,
} from "./sdp_exchange.ts";
import { findSession } from "./session_routes.ts";

/**
 * WHIP (RFC 9725): `POST /whip` publishes, `DELETE` of the Location that it gives
 * hangs up. Neither trickle ICE nor ICE restarts: other methods are a 405.
 */
export function whipRoutes(registry: SessionRegistry, log: Logger): Route[] {
  async function publish({ request, remote }: RouteRequest): Promise<Response> {
    const offer = await readSdpOffer(request);
    const session = await registry.create(offer, isLoopback(remote))
      .catch(unanswerable);
    const { id, answerSdp } = session;
    log.info("offer answered", { session: id, remote, by: "whip" });
    return createdResponse(answerSdp, `/whip/${id}`, id);
  }
  return [
    {
      pathname: "/whip",
      rights: { POST: "publish" },
      methods: { OPTIONS: describeEndpoint, POST: publish },
    },
    {
      pathname: "/whip/:id",
      rights: { DELETE: "publish" },
      methods: {
        DELETE: async ({ params }) => {
          const session = findSession(registry, params.id);
          await session.close("the publisher hung up", "ended");
          return new Response();
        },
      },
    },
  ];
}

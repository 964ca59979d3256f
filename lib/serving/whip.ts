import type { SessionHost } from "../hosting/session_host.ts";
import type { IceLinks } from "./ice_links.ts";
import type { Route, RouteRequest } from "./route.ts";
import type { Lineages } from "./lineages.ts";
import {
  createdResponse,
  describeEndpoint,
  readSdpOffer,
} from "./sdp_exchange.ts";

/**
 * WHIP (RFC 9725): `POST /whip` publishes, `DELETE` of the Location that it
 * gives hangs up. There is neither trickle ICE nor an ICE restart: other
 * methods are a 405.
 */
export function whipRoutes(
  host: SessionHost,
  lineages: Lineages,
  ice: IceLinks,
): Route[] {
  async function publish(
    { request, remote, access }: RouteRequest,
  ): Promise<Response> {
    const offer = await readSdpOffer(request);
    const { id, sdp } = await host.publish({ offer, remote });
    lineages.opened(id, access);
    return createdResponse(sdp, { location: `/whip/${id}`, id, ice });
  }
  return [
    {
      pathname: "/whip",
      rights: { POST: "publish" },
      methods: { OPTIONS: describeEndpoint(ice, "publish"), POST: publish },
    },
    {
      pathname: "/whip/:id",
      rights: { DELETE: "publish" },
      methods: {
        DELETE: async ({ params: { id = "" }, access }) => {
          lineages.checkOwn(access, id);
          await host.endSession(id, "the publisher hung up", "ended");
          return new Response();
        },
      },
    },
  ];
}

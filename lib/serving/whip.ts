import type { SessionHost } from "../hosting/session_host.ts";
import type { IceLinks } from "./ice_links.ts";
import type { Lineages } from "./lineages.ts";
import { checkName } from "./offer.ts";
import type { Publishing } from "./publishing.ts";
import type { Route, RouteRequest } from "./route.ts";
import {
  createdResponse,
  describeEndpoint,
  readSdpOffer,
} from "./sdp_exchange.ts";

/**
 * WHIP (RFC 9725): `POST /whip` publishes, `POST /whip/NAME` under a name;
 * `DELETE` of the Location that it gives hangs up. There is neither trickle ICE
 * nor an ICE restart: other methods are a 405.
 */
export function whipRoutes(
  { host, lineages, publishing, ice }: {
    host: SessionHost;
    lineages: Lineages;
    publishing: Publishing;
    ice: IceLinks;
  },
): Route[] {
  async function publish(
    { request, remote, access, params: { name } }: RouteRequest,
  ): Promise<Response> {
    if (name !== undefined) checkName(name);
    const offer = await readSdpOffer(request);
    const { id, sdp } = await publishing.open({ offer, remote, name }, access);
    return createdResponse(sdp, { location: `/whip/${id}`, id, ice });
  }
  return [
    {
      pathname: "/whip",
      rights: { POST: "publish" },
      methods: { OPTIONS: describeEndpoint(ice, "publish"), POST: publish },
    },
    {
      pathname: "/whip/:name",
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

import type { SessionHost } from "../hosting/session_host.ts";
import type { IceLinks } from "./ice_links.ts";
import { readSelection } from "./read_selection.ts";
import type { Route, RouteRequest } from "./route.ts";
import {
  createdResponse,
  describeEndpoint,
  readSdpOffer,
} from "./sdp_exchange.ts";

/**
 * WHEP (draft-ietf-wish-whep): `POST /whep/NAME` watches a session, and so does
 * `POST /whep/ID`; `DELETE` of the Location that it gives hangs up. All
 * candidates are in the answer: other methods are a 405. `?fields=`, `every`
 * and `box` watch a part of the clouds.
 */
export function whepRoutes(host: SessionHost, ice: IceLinks): Route[] {
  async function watch(
    { request, params: { id: session = "" }, remote }: RouteRequest,
  ): Promise<Response> {
    // A session that is gone is a 404, however the offer is.
    await host.session(session);
    const offer = await readSdpOffer(request);
    const selection = readSelection(request.url);
    const { id, sdp } = await host.watch({
      session,
      offer,
      remote,
      selection,
    });
    const location = `/whep/${session}/${id}`;
    return createdResponse(sdp, { location, id, ice });
  }
  return [
    {
      pathname: "/whep/:id",
      rights: { POST: "watch" },
      methods: { OPTIONS: describeEndpoint(ice, "watch"), POST: watch },
    },
    {
      pathname: "/whep/:id/:watcher",
      rights: { DELETE: "watch" },
      methods: {
        DELETE: async ({ params: { id = "", watcher = "" } }) => {
          await host.endWatcher(id, watcher, "the watcher hung up");
          return new Response();
        },
      },
    },
  ];
}

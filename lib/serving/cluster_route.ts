import { STATUS_CODE } from "@std/http/status";
import { type DirectLinks, LINKS_PATH } from "../cluster/direct_links.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";
import { upgradeToWebSocket } from "./web_socket.ts";

/**
 * `GET /cluster/links/NAME`: a WebSocket that another node of the cluster opens
 * to this one, which has told it the name.
 */
export function clusterRoute(links: DirectLinks): Route {
  return {
    pathname: `${LINKS_PATH}:link`,
    methods: {
      GET: ({ request, params }) => {
        const expected = links.take(params.link ?? "");
        if (expected === undefined) {
          throw new HttpProblem(
            STATUS_CODE.NotFound,
            "No node of the cluster was told of such a link just now",
          );
        }
        try {
          return upgradeToWebSocket(request, {
            onOpen: (socket) => expected.accept(socket),
            onLost: () => expected.giveUp(),
          });
        } catch (error) {
          expected.giveUp();
          throw error;
        }
      },
    },
  };
}

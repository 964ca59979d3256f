import { STATUS_CODE } from "@std/http/status";
import type { SessionHost } from "../hosting/session_host.ts";
import type { Route } from "./route.ts";
import type { Lineages } from "./lineages.ts";

/** `GET /sessions`, `GET` and `DELETE /sessions/ID`. */
export function sessionRoutes(host: SessionHost, lineages: Lineages): Route[] {
  const rights = { GET: "watch", DELETE: "operate" } as const;
  return [
    {
      pathname: "/sessions",
      rights,
      methods: {
        GET: async ({ access }) => {
          const sessions = await host.sessions();
          return Response.json(
            sessions.filter(({ id }) => lineages.covers(access, "watch", id)),
          );
        },
      },
    },
    {
      pathname: "/sessions/:id",
      rights,
      methods: {
        GET: async ({ params: { id = "" } }) =>
          Response.json(await host.session(id)),
        DELETE: async ({ params: { id = "" } }) => {
          await host.endSession(id, "the session was deleted", "deleted");
          return new Response(null, { status: STATUS_CODE.NoContent });
        },
      },
    },
  ];
}

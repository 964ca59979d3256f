import { STATUS_CODE } from "@std/http/status";
import type { SessionHost } from "../hosting/session_host.ts";
import type { Route } from "./route.ts";
import type { Lineages } from "./lineages.ts";
import {
  answerSession,
  asksForSession,
  type SessionBodySources,
} from "./session_body/answer.ts";

export interface SessionRoutesOptions extends SessionBodySources {
  host: SessionHost;
  lineages: Lineages;
}

/**
 * `GET /sessions`, `GET` and `DELETE /sessions/ID`: what a session is, or, as
 * its `Accept` field says, all that it has.
 */
export function sessionRoutes(
  { host, lineages, ...sources }: SessionRoutesOptions,
): Route[] {
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
        GET: async (asked) => {
          const { request, params: { id = "" } } = asked;
          if (asksForSession(request)) return answerSession(sources, asked);
          const headers = { "vary": "Accept" };
          return Response.json(await host.session(id), { headers });
        },
        DELETE: async ({ params: { id = "" } }) => {
          await host.endSession(id, "the session was deleted", "deleted");
          return new Response(null, { status: STATUS_CODE.NoContent });
        },
      },
    },
  ];
}

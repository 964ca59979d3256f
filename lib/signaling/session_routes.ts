import { STATUS_CODE } from "@std/http/status";
import type { SessionRegistry } from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

/**
 * Gives the session of an id.
 *
 * @throws {HttpProblem} 404 where there is none.
 */
export function findSession(
  registry: SessionRegistry,
  id: string | undefined,
): Session {
  const session = registry.get(id ?? "");
  if (session === undefined) {
    throw new HttpProblem(STATUS_CODE.NotFound, `There is no session ${id}`);
  }
  return session;
}

/** `GET /sessions`, `GET` and `DELETE /sessions/ID`. */
export function sessionRoutes(registry: SessionRegistry): Route[] {
  const rights = { GET: "watch", DELETE: "operate" } as const;
  return [
    {
      pathname: "/sessions",
      rights,
      methods: {
        GET: () => Response.json(registry.list().map((s) => s.snapshot())),
      },
    },
    {
      pathname: "/sessions/:id",
      rights,
      methods: {
        GET: ({ params }) =>
          Response.json(findSession(registry, params.id).snapshot()),
        DELETE: async ({ params }) => {
          const session = findSession(registry, params.id);
          await session.close("the session was deleted", "deleted");
          return new Response(null, { status: STATUS_CODE.NoContent });
        },
      },
    },
  ];
}

import { STATUS_CODE } from "@std/http/status";
import type { Logger } from "../log.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { isLoopback } from "./address.ts";
import { readBody } from "./body.ts";
import { parseOffer } from "./offer.ts";
import { HttpProblem } from "./problem.ts";

export interface HandlerOptions {
  registry: SessionRegistry;
  log: Logger;
}

type Route = (
  request: Request,
  params: Record<string, string | undefined>,
  remote: string,
) => Response | Promise<Response>;

/**
 * Makes the HTTP side: `POST /offer`, `GET /healthz`, `GET /sessions`, `GET` and
 * `DELETE /sessions/ID`. Errors are problem documents (RFC 9457).
 */
export function createHandler(
  { registry, log }: HandlerOptions,
): Deno.ServeHandler<Deno.NetAddr> {
  const routes: [URLPattern, Record<string, Route>][] = [
    [new URLPattern({ pathname: "/offer" }), {
      POST: (request, _, remote) => answerOffer(request, remote),
    }],
    [new URLPattern({ pathname: "/healthz" }), {
      GET: () => Response.json({ status: "ok" }),
    }],
    [new URLPattern({ pathname: "/sessions" }), {
      GET: () => Response.json(registry.list().map((s) => s.snapshot())),
    }],
    [new URLPattern({ pathname: "/sessions/:id" }), {
      GET: (_, { id }) => Response.json(find(id).snapshot()),
      DELETE: async (_, { id }) => {
        await find(id).close("the session was deleted", "deleted");
        return new Response(null, { status: STATUS_CODE.NoContent });
      },
    }],
  ];

  function find(id: string | undefined) {
    const session = registry.get(id ?? "");
    if (session === undefined) {
      throw new HttpProblem(STATUS_CODE.NotFound, `There is no session ${id}`);
    }
    return session;
  }

  async function answerOffer(request: Request, remote: string) {
    const { sdp, resumes } = parseOffer(await readBody(request));
    if (resumes !== undefined && registry.wasDeleted(resumes)) {
      throw new HttpProblem(
        STATUS_CODE.Gone,
        `The session ${resumes} was deleted, and can't be resumed`,
      );
    }
    try {
      const loopback = isLoopback(remote);
      const session = await registry.create(sdp, loopback, resumes);
      log.info("offer answered", { session: session.id, remote, resumes });
      return Response.json({
        sdp: session.answerSdp,
        type: "answer",
        session: session.id,
      });
    } catch (error) {
      throw new HttpProblem(
        STATUS_CODE.BadRequest,
        `The offer can't be answered: ${
          error instanceof Error ? error.message : error
        }`,
        {},
        { cause: error },
      );
    }
  }

  return async (request, { remoteAddr }) => {
    // A Host field that is no host makes a URL that is none.
    const path = URL.parse(request.url)?.pathname;
    try {
      if (path === undefined) {
        throw new HttpProblem(STATUS_CODE.BadRequest, "The URL can't be read");
      }
      return await route(request, path, remoteAddr.hostname);
    } catch (error) {
      const problem = error instanceof HttpProblem ? error : new HttpProblem(
        STATUS_CODE.InternalServerError,
        "The server failed to answer; its log says why",
        {},
        { cause: error },
      );
      const failed = problem.status >= 500;
      log[failed ? "error" : "warn"]("request refused", {
        method: request.method,
        path,
        status: problem.status,
        remote: remoteAddr.hostname,
        error: failed ? problem.cause : problem,
      });
      return problem.response();
    }
  };

  function route(request: Request, pathname: string, remote: string) {
    for (const [pattern, methods] of routes) {
      const match = pattern.exec({ pathname });
      if (match === null) continue;
      const method = request.method === "HEAD" ? "GET" : request.method;
      const handle = methods[method];
      if (handle !== undefined) {
        return handle(request, match.pathname.groups, remote);
      }
      const allowed = Object.keys(methods).join(", ");
      throw new HttpProblem(
        STATUS_CODE.MethodNotAllowed,
        `${request.method} is not allowed for ${pathname}; ${allowed} is`,
        { allow: allowed },
      );
    }
    throw new HttpProblem(
      STATUS_CODE.NotFound,
      `There is nothing at ${pathname}`,
    );
  }
}

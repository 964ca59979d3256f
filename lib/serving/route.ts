import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import {
  type Access,
  coversAll,
  forbidden,
  OPEN,
  type Right,
} from "./access.ts";
import { HttpProblem } from "./problem.ts";

/** One request, as a route gets it. */
export interface RouteRequest {
  request: Request;
  /** What stands in the path for each name of the pattern. */
  params: Record<string, string | undefined>;
  /** The address that it came from. */
  remote: string;
  /** What the caller may do. */
  access: Access;
}

/**
 * Decides what the caller of a request may do.
 *
 * @param session id of the session that the path names.
 */
export type RouteAccess = (
  request: Request,
  right: Right,
  session?: string,
) => Access | Promise<Access>;

type Answer = (request: RouteRequest) => Response | Promise<Response>;

/** What is at one path. */
export interface Route {
  /** A path, with `:name` for what differs; `:id` is a session's. */
  pathname: string;
  /** The right that each method needs; one without is open to all. */
  rights?: Partial<Record<string, Right>>;
  /**
   * Whether it takes the right to all sessions, as it tells of all together.
   * @default {false}
   */
  ofAll?: boolean;
  /** By method; `HEAD` is answered as `GET` is. */
  methods: Record<string, Answer>;
}

/**
 * Makes one answer of many routes.
 *
 * @returns a function that calls `onRoute` with the pattern that the path
 * matches, and throws {@linkcode HttpProblem} 404 where nothing is, 405 where
 * another method is, 403 where a right to some sessions is too little, and what
 * `authorize` throws.
 */
export function createRouter(
  routes: Route[],
  authorize: RouteAccess = () => OPEN,
): (
  request: Request,
  remote: string,
  onRoute?: (pathname: string) => void,
) => Promise<Response> {
  const patterns = routes.map((route) => ({
    pattern: new URLPattern({ pathname: route.pathname }),
    route,
    // A method is any word that a stranger thinks of: "constructor", too.
    answers: new Map(Object.entries(route.methods)),
    rights: new Map(Object.entries(route.rights ?? {})),
  }));
  return async (request, remote, onRoute) => {
    const { pathname } = new URL(request.url);
    for (const { pattern, route, answers, rights } of patterns) {
      const match = pattern.exec({ pathname });
      if (match === null) continue;
      onRoute?.(route.pathname);
      const method = request.method === "HEAD" ? "GET" : request.method;
      const answer = answers.get(method);
      if (answer === undefined) {
        throw notAllowed(request.method, pathname, route);
      }
      const right = rights.get(method);
      const params = match.pathname.groups;
      const access = right === undefined
        ? OPEN
        : await authorize(request, right, params.id);
      if (route.ofAll && right !== undefined && !coversAll(access, right)) {
        throw forbidden(`The token gives no right to ${right} all sessions`);
      }
      return await answer({ request, params, remote, access });
    }
    throw new HttpProblem(
      STATUS_CODE.NotFound,
      `There is nothing at ${cutText(pathname)}`,
    );
  };
}

function notAllowed(
  method: string,
  pathname: string,
  { methods }: Route,
): HttpProblem {
  const allowed = Object.keys(methods).join(", ");
  return new HttpProblem(
    STATUS_CODE.MethodNotAllowed,
    `${cutText(method)} is not allowed for ${cutText(pathname)}; ${allowed} ` +
      `is`,
    { headers: { allow: allowed } },
  );
}

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
  /**
   * A path, with `:word` for what differs. `:id` is a session's id, or its name
   * in the URL; a name at the end may have slashes.
   */
  pathname: string;
  /** What matches the path, where its words don't say it all. */
  pattern?: string;
  /** The right that each method needs; one without is open to all. */
  rights?: Partial<Record<string, Right>>;
  /**
   * Whether it takes the right to all sessions, as it tells of all together.
   * @default {false}
   */
  ofAll?: boolean;
  /**
   * Whether the token may stand in the URL, `?token=`, for those who can't set
   * header fields. @default {false}
   */
  takesTokenInUrl?: boolean;
  /** By method; `HEAD` is answered as `GET` is. */
  methods: Record<string, Answer>;
}

/** What a router knows of callers and sessions. */
export interface RouterOptions {
  /** @default everybody may do everything */
  authorize?: RouteAccess;
  /** Gives the id of the session that has a name; an id stays as it is. */
  idOf?(nameOrId: string): string;
}

/**
 * Makes one answer of many routes.
 *
 * @param options says who may do what, everybody everything by default, and the
 * id of the session that has a name.
 * @returns a function that calls `onRoute` with the pattern that the path
 * matches, and throws {@linkcode HttpProblem} 404 where nothing is, 405 where
 * another method is, 403 where a right to some sessions is too little, and what
 * `authorize` throws.
 */
export function createRouter(
  routes: Route[],
  { authorize = () => OPEN, idOf = (session) => session }: RouterOptions = {},
): (
  request: Request,
  remote: string,
  onRoute?: (pathname: string) => void,
) => Promise<Response> {
  const patterns = routes.map((route) => ({
    pattern: new URLPattern({ pathname: patternOf(route) }),
    route,
    // A method is any word that a stranger thinks of: "constructor", too.
    answers: new Map(Object.entries(route.methods)),
    rights: new Map(Object.entries(route.rights ?? {})),
  }));
  return async (request, remote, onRoute) => {
    const { pathname } = new URL(request.url);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const there = patterns.filter(({ pattern }) => pattern.test({ pathname }));
    const found = there.find(({ answers }) => answers.has(method)) ?? there[0];
    if (found === undefined) {
      throw new HttpProblem(
        STATUS_CODE.NotFound,
        `There is nothing at ${cutText(pathname)}`,
      );
    }
    const { pattern, route, answers, rights } = found;
    onRoute?.(route.pathname);
    const answer = answers.get(method);
    if (answer === undefined) {
      const allowed = there.flatMap(({ answers }) => [...answers.keys()]);
      throw notAllowed(request.method, pathname, allowed);
    }
    const right = rights.get(method);
    const params = decodeAll(pattern.exec({ pathname })!.pathname.groups);
    if (params.id !== undefined) params.id = idOf(params.id);
    const access = right === undefined ? OPEN : await authorize(
      route.takesTokenInUrl ? withTokenOfUrl(request) : request,
      right,
      params.id,
    );
    if (route.ofAll && right !== undefined && !coversAll(access, right)) {
      throw forbidden(`The token gives no right to ${right} all sessions`);
    }
    return await answer({ request, params, remote, access });
  };
}

/** Puts a token of the URL where tokens are looked for. */
function withTokenOfUrl(request: Request): Request {
  const { url, headers } = request;
  // A plus in a query is a space, of which no token has one.
  const token = new URL(url).searchParams.get("token")?.replaceAll(" ", "+");
  // What no field can have is no token either.
  if (!/^[!-~]+$/.test(token ?? "")) return request;
  if (headers.has("authorization")) return request;
  const fields = new Headers(headers);
  fields.set("authorization", `Bearer ${token}`);
  return new Request(url, { headers: fields });
}

/** A name at the end of a path goes over slashes. */
function patternOf({ pathname, pattern }: Route): string {
  return pattern ?? pathname.replace(/:(id|name)$/, "$&(.+)");
}

/** Reads what stands in a path; what is no UTF-8 there stays as it is. */
function decodeAll(
  groups: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const decoded = Object.entries(groups).map(([name, text]) => {
    try {
      return [name, text === undefined ? text : decodeURIComponent(text)];
    } catch {
      return [name, text];
    }
  });
  return Object.fromEntries(decoded);
}

function notAllowed(
  method: string,
  pathname: string,
  methods: string[],
): HttpProblem {
  const allowed = [...new Set(methods)].join(", ");
  return new HttpProblem(
    STATUS_CODE.MethodNotAllowed,
    `${cutText(method)} is not allowed for ${cutText(pathname)}; ${allowed} ` +
      `is`,
    { headers: { allow: allowed } },
  );
}

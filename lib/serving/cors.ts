import { STATUS_CODE } from "@std/http/status";

/** What a script of another origin may read besides the body. */
const EXPOSED = "Accept-Ranges, Content-Range, ETag, Link, Location, " +
  "Pointwire-Capture-Time, WWW-Authenticate";

/** What it may ask with. */
const ASKED_WITH = "authorization, content-type, if-none-match, if-range, " +
  "pointwire-capture-time, range";

/** Time for which a browser need not ask again. */
const MAX_AGE_S = 600;

type Handler = Deno.ServeHandler<Deno.NetAddr>;

/**
 * Lets pages of other origins in (Fetch standard, section 3.2): answers what
 * browsers ask beforehand, and marks the answers. Other clients notice nothing.
 *
 * @param origins such as `https://example.org`, or `*` for all.
 */
export function withCors(
  origins: readonly string[],
  handler: Handler,
): Handler {
  if (origins.length === 0) return handler;
  return async (request, info) => {
    const origin = request.headers.get("origin");
    const allowed = origin === null
      ? undefined
      : allowedOrigin(origins, origin);
    if (allowed !== undefined && isPreflight(request)) {
      return new Response(null, {
        status: STATUS_CODE.NoContent,
        headers: {
          "access-control-allow-origin": allowed,
          "access-control-allow-methods":
            "GET, HEAD, POST, PUT, DELETE, OPTIONS",
          "access-control-allow-headers": ASKED_WITH,
          "access-control-max-age": `${MAX_AGE_S}`,
          "vary": "Origin",
        },
      });
    }
    const response = await handler(request, info);
    // A cache must not give one origin the answer to another, or to none.
    response.headers.append("vary", "Origin");
    if (allowed !== undefined) {
      response.headers.set("access-control-allow-origin", allowed);
      response.headers.set("access-control-expose-headers", EXPOSED);
    }
    return response;
  };
}

/**
 * Gives what an answer allows a page of an origin by; nothing where it isn't
 * let in.
 */
export function allowedOrigin(
  origins: readonly string[],
  origin: string,
): string | undefined {
  if (origins.includes("*")) return "*";
  return origins.includes(origin) ? origin : undefined;
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { allowedOrigin } from "./cors.ts";
import { HttpProblem } from "./problem.ts";

/** Methods of which a navigation shows the answer, and changes nothing. */
const SAFE_METHODS = ["GET", "HEAD"];

/**
 * Refuses what the pages of others have a browser ask for, whether or not they
 * could read the answer. Programs that are no browsers send neither of the
 * fields by which that is seen:
 *
 * - `Sec-Fetch-Site` (Fetch Metadata), which the browser alone writes, is said
 *   to servers that are asked by https or on its own machine. `same-site` is
 *   another port or subdomain: another origin. To follow a link, or to type a
 *   URL, opens the page from everywhere.
 * - `Origin` (RFC 6454 section 7.3) has to have the host that is asked. `null`
 *   is nobody's.
 *
 * @param origins whose pages may come in, or `*`.
 * @throws {HttpProblem} 403.
 */
export function checkInitiator(
  request: Request,
  origins: readonly string[],
): void {
  const { method, headers } = request;
  const origin = headers.get("origin");
  if (allowedOrigin(origins, origin ?? "null") !== undefined) return;
  const isNavigation = headers.get("sec-fetch-mode") === "navigate";
  if (isNavigation && SAFE_METHODS.includes(method)) return;
  switch (headers.get("sec-fetch-site")) {
    case "same-origin":
    case "none":
      return;
    case "cross-site":
    case "same-site":
      throw foreign(origin);
  }
  if (origin === null) return;
  const host = URL.parse(origin)?.host;
  if (host === undefined || host !== new URL(request.url).host) {
    throw foreign(origin);
  }
}

function foreign(origin: string | null): HttpProblem {
  // A page without an origin, such as one in a sandbox, has no name to allow.
  const isNamed = origin !== null && origin !== "null";
  const page = isNamed ? `Pages of ${cutText(origin)}` : "Pages of other sites";
  return new HttpProblem(
    STATUS_CODE.Forbidden,
    `${page} may not use this server: --cors ` +
      `${isNamed ? cutText(origin) : "ORIGIN"} lets them in`,
  );
}

import { eTag, ifNoneMatch } from "@std/http/etag";
import { STATUS_CODE } from "@std/http/status";
import { HttpProblem } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";

/** Where `deno task build` writes the page. */
const FOLDER = new URL("./page/", import.meta.url);

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Nothing but what this server gives: scripts and style of its own, WebAssembly
 * (the zstd decoder, which fetches itself from a data URL), and media streams.
 */
const SECURITY = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "connect-src 'self' data:",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes the routes of `GET /` and of the files that the page is made of. */
export function viewerRoutes(folder: URL = FOLDER): Route[] {
  try {
    const names = [...Deno.readDirSync(folder)]
      .filter(({ name, isFile }) => isFile && typeOf(name) !== undefined)
      .map(({ name }) => name);
    return names.map((name) => fileRoute(name, folder));
  } catch (error) {
    // All the rest of the server works without a page.
    return [{ pathname: "/", methods: { GET: () => refuse(error) } }];
  }
}

function refuse(error: unknown): never {
  if (error instanceof Deno.errors.NotFound) {
    throw new HttpProblem(
      STATUS_CODE.NotFound,
      "The page is not built: run deno task build, and start the server again",
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    throw new HttpProblem(
      STATUS_CODE.NotFound,
      "The server may not read the page: start it with " +
        "--allow-read=lib",
    );
  }
  throw error;
}

function typeOf(name: string): string | undefined {
  return TYPES[name.split(".").at(-1) ?? ""];
}

function fileRoute(name: string, folder: URL): Route {
  const body = Deno.readFileSync(new URL(name, folder));
  const tag = eTag(body);

  async function get({ request }: RouteRequest): Promise<Response> {
    const etag = await tag;
    const headers = {
      ...SECURITY,
      "content-type": typeOf(name)!,
      "cache-control": "no-cache",
      etag,
    };
    return ifNoneMatch(request.headers.get("if-none-match"), etag)
      ? new Response(body, { headers })
      : new Response(null, { status: STATUS_CODE.NotModified, headers });
  }
  return {
    pathname: name === "index.html" ? "/" : `/${name}`,
    methods: { GET: get },
  };
}

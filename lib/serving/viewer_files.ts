import { eTag, ifNoneMatch } from "@std/http/etag";
import { STATUS_CODE } from "@std/http/status";
import { HttpProblem, unavailable } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";

/** Where `deno task build` writes the page. */
const FOLDER = new URL("./page/", import.meta.url);

const TYPES: ReadonlyMap<string, string> = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
]);

/**
 * The page loads nothing but what this server gives: scripts and style of its
 * own, WebAssembly (the zstd decoder, which fetches itself from a data URL),
 * and media streams.
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

/** A file of the page, and its entity tag (RFC 9110 section 8.8.3). */
interface PageFile {
  body: Uint8Array<ArrayBuffer>;
  tag: string;
}

/** The files of the page, for where its folder can't be listed. */
export const PAGE_FILES: readonly string[] = [
  ...["index.html", "style.css", "icon.svg"],
  ...["main.js", "frames_worker.js", "recording_worker.js", "scan_worker.js"],
];

/**
 * Makes the routes of `GET /` and of the files that the page is made of.
 *
 * @param folder where they are. A package that was imported from a registry has
 * them there: each is fetched when it is first asked for.
 */
export function viewerRoutes(folder: URL = FOLDER): Route[] {
  if (folder.protocol !== "file:") {
    return PAGE_FILES.map((name) => fetchedRoute(name, folder));
  }
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
  return TYPES.get(name.split(".").at(-1) ?? "");
}

function fileRoute(name: string, folder: URL): Route {
  const file = withTag(Deno.readFileSync(new URL(name, folder)));
  return routeOf(name, () => file);
}

function fetchedRoute(name: string, folder: URL): Route {
  let file: Promise<PageFile> | undefined;
  return routeOf(
    name,
    () =>
      file ??= fetchFile(new URL(name, folder)).catch((cause) => {
        file = undefined;
        throw unavailable("The page can't be fetched now", { cause });
      }),
  );
}

async function fetchFile(url: URL): Promise<PageFile> {
  const response = await fetch(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url}: status ${response.status}`);
  }
  return await withTag(await response.bytes());
}

async function withTag(body: Uint8Array<ArrayBuffer>): Promise<PageFile> {
  return { body, tag: await eTag(body) };
}

function routeOf(name: string, file: () => Promise<PageFile>): Route {
  async function get({ request }: RouteRequest): Promise<Response> {
    const { body, tag: etag } = await file();
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

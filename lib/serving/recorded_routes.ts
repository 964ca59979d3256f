import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { WatcherPlaces } from "../limits/watcher_places.ts";
import { recordedFile } from "../recording/recorded_files.ts";
import type {
  RecordingLibrary,
  RecordingPlace,
  StoredFile,
} from "../recording/recording_library.ts";
import {
  type Access,
  covers,
  coversAll,
  forbidden,
  scopeOf,
} from "./access.ts";
import { fileAnswer } from "./file_answer.ts";
import { HttpProblem } from "./problem.ts";
import { known } from "./recording_routes.ts";
import type { Route, RouteRequest } from "./route.ts";

/** Recordings of one answer, where the request says no number, and at most. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

export interface RecordedRoutesOptions {
  /** What has recordings; nothing where there is no folder for them. */
  library?: RecordingLibrary;
  /** Those who read count as those who watch. */
  watchers: WatcherPlaces;
}

/** `GET /recordings` and `GET /recordings/FILE`. */
export function recordedRoutes(
  { library, watchers }: RecordedRoutesOptions,
): Route[] {
  const there = () => known(library?.isThere ? library : undefined);

  async function getList(
    { request, access }: RouteRequest,
  ): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const { recordings, next } = await there().list({
      session: searchParams.get("session") ?? undefined,
      before: readPlace(searchParams),
      limit: readLimit(searchParams.get("limit")),
      called: scopeOf(access, "watch"),
    });
    const headers: Record<string, string> = { "cache-control": "no-store" };
    if (next !== undefined) {
      searchParams.set("before", next.name);
      searchParams.delete("at");
      // Most names say it themselves.
      const isSaid = recordedFile(next.name)?.start !== undefined;
      if (!isSaid && next.at) searchParams.set("at", `${next.at}`);
      headers.link = `</recordings?${searchParams}>; rel="next"`;
    }
    const all = recordings.map(({ recording }) => recording);
    return Response.json(all, { headers });
  }

  async function getFile(
    { request, params: { file: name = "" }, remote, access }: RouteRequest,
  ): Promise<Response> {
    const from = there();
    if (recordedFile(name) === undefined) throw noFile(name);
    using life = new DisposableStack();
    life.use(watchers.enter({ session: `recording ${name}`, remote }));
    const opened = await from.open(name);
    if (opened !== undefined) life.use(opened);
    await checkAccess(name, opened, access);
    if (opened === undefined) throw noFile(name);
    return fileAnswer(request, opened, life);
  }

  const rights = { GET: "watch" } as const;
  return [
    { pathname: "/recordings", rights, methods: { GET: getList } },
    { pathname: "/recordings/:file", rights, methods: { GET: getFile } },
  ];
}

/** @throws {HttpProblem} 400 for what is no number of recordings. */
function readLimit(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit > 0) return Math.min(limit, MAX_LIMIT);
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    `limit is "${cutText(text)}", not a number from 1 to ${MAX_LIMIT}`,
  );
}

/** @throws {HttpProblem} 400 for what is no time. */
function readPlace(searchParams: URLSearchParams): RecordingPlace | undefined {
  const name = searchParams.get("before");
  if (name === null) return undefined;
  const text = searchParams.get("at");
  if (text === null) return { name };
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return { name, at: Number(text) };
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    `at is "${cutText(text)}", not milliseconds since 1970`,
  );
}

/** @throws {HttpProblem} 403 where the right isn't to the file's session. */
async function checkAccess(
  name: string,
  file: StoredFile | undefined,
  access: Access,
): Promise<void> {
  if (coversAll(access, "watch")) return;
  const sessions = await file?.sessions() ?? [];
  // Slashes are in no file's name: it may be of any that would be called so.
  const isCovered = sessions.length > 0 &&
    sessions.every((called) => covers(access, "watch", called));
  if (isCovered) return;
  throw forbidden(`The token gives no right to watch ${name}`);
}

function noFile(name: string): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.NotFound,
    `There is no recording ${cutText(name)}; GET /recordings lists them`,
  );
}

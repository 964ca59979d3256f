import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { RecordingControl } from "../hosting/recording_control.ts";
import type { WatcherPlaces } from "../limits/watcher_places.ts";
import type { ServedRecording } from "../recording/listed_recording.ts";
import {
  type RecordedFile,
  recordedFile,
} from "../recording/recorded_files.ts";
import { RecordingList } from "../recording/recording_list.ts";
import { type Access, covers, coversAll, forbidden } from "./access.ts";
import { fileAnswer, type OpenedFile } from "./file_answer.ts";
import { HttpProblem } from "./problem.ts";
import { known } from "./recording_routes.ts";
import type { Route, RouteRequest } from "./route.ts";

/** Recordings of one answer, where the request says no number, and at most. */
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

export interface RecordedRoutesOptions {
  /** What records; nothing where there is no folder for it. */
  recordings?: RecordingControl;
  /** Those who read count as those who watch. */
  watchers: WatcherPlaces;
}

/** `GET /recordings` and `GET /recordings/FILE`. */
export function recordedRoutes(
  { recordings, watchers }: RecordedRoutesOptions,
): Route[] {
  const { folder } = recordings ?? {};
  const list = folder === undefined ? undefined : new RecordingList(folder);

  async function getList(
    { request, access }: RouteRequest,
  ): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const { recordings: found, next } = await known(list).list({
      session: searchParams.get("session") ?? undefined,
      before: searchParams.get("before") ?? undefined,
      limit: readLimit(searchParams.get("limit")),
      isFor: (called) => covers(access, "watch", called),
    });
    const headers: Record<string, string> = { "cache-control": "no-store" };
    if (next !== undefined) {
      searchParams.set("before", next);
      headers.link = `</recordings?${searchParams}>; rel="next"`;
    }
    const isWriting = (id: string | null) => id !== null && recordings!.has(id);
    const served = found.map((one): ServedRecording => ({
      ...one,
      isWriting: !one.isComplete && isWriting(one.id),
    }));
    return Response.json(served, { headers });
  }

  async function getFile(
    { request, params: { file: name = "" }, remote, access }: RouteRequest,
  ): Promise<Response> {
    const files = known(list);
    const file = recordedFile(name);
    if (file === undefined) throw noFile(name);
    await checkAccess(files, file, access);
    using life = new DisposableStack();
    life.use(watchers.enter({ session: `recording ${name}`, remote }));
    const opened = await openFile(folder!, file);
    life.use(opened.file);
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

/** @throws {HttpProblem} 403 where the right isn't to the file's session. */
async function checkAccess(
  list: RecordingList,
  file: RecordedFile,
  access: Access,
): Promise<void> {
  if (coversAll(access, "watch")) return;
  const sessions = await list.sessionsOf(file);
  // Slashes are in no file's name: it may be of any that would be called so.
  const isCovered = sessions.length > 0 &&
    sessions.every((called) => covers(access, "watch", called));
  if (isCovered) return;
  throw forbidden(`The token gives no right to watch ${file.name}`);
}

/**
 * Opens a file of the folder itself, no link to another.
 *
 * @throws {HttpProblem} 404 where there is none.
 */
async function openFile(
  folder: string,
  { name, type }: RecordedFile,
): Promise<OpenedFile> {
  const path = `${folder}/${name}`;
  try {
    const there = await Deno.lstat(path);
    if (!there.isFile) throw noFile(name);
    const file = await Deno.open(path);
    const { size, mtime, ino } = await file.stat();
    if (ino === there.ino) {
      const tag = `"${size.toString(36)}-${mtime?.getTime().toString(36)}"`;
      return { file, size, tag, type };
    }
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw noFile(name);
}

function noFile(name: string): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.NotFound,
    `There is no recording ${cutText(name)}; GET /recordings lists them`,
  );
}

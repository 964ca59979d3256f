import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { KeyframeTap } from "../hosting/keyframe_tap.ts";
import { FfmpegError } from "../media/ffmpeg_error.ts";
import type { MediaFrame } from "../media/frame.ts";
import { encodeJpeg } from "../recording/still_picture.ts";
import type { Feed } from "../session/feed.ts";
import { FeedReading } from "./feed_reading.ts";
import { heldAnswer } from "./held_answer.ts";
import { HttpProblem, unavailable } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";
import type { CloudSources } from "./stream_reading.ts";

/** How long a keyframe is waited for, milliseconds. */
const WAIT_MS = 10_000;

/** Most processes that make pictures at a time. */
const MAX_PROCESSES = 2;

/** What names the first track of a session, whatever its publisher calls it. */
const ANY_TRACK = "video";

/**
 * `GET /sessions/NAME/TRACK.jpg`: the newest keyframe of a video track as a
 * picture, where the server may run ffmpeg. `video` is the first track.
 */
export function pictureRoute(sources: CloudSources): Route {
  let processes = 0;

  async function get(request: RouteRequest): Promise<Response> {
    const { host, budget } = sources;
    const { remote, params: { id: session = "", track = "" } } = request;
    await host.session(session);
    await checkPermission();
    using life = new DisposableStack();
    const reading = life.use(
      await FeedReading.open(sources, { session, remote }),
    );
    const bytes = await picture(await keyframeOf(reading, track));
    const headers = new Headers({
      "content-type": "image/jpeg",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const { method } = request.request;
    return heldAnswer(bytes, { method, headers, budget, life });
  }

  async function picture(frame: MediaFrame): Promise<Uint8Array> {
    if (processes >= MAX_PROCESSES) {
      throw unavailable("The server makes as many pictures as it may");
    }
    processes++;
    try {
      return await encodeJpeg(frame);
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
      throw error.reason === "not-found"
        ? notImplemented("The server has no ffmpeg to make pictures with")
        : unavailable(error.message, { cause: error });
    } finally {
      processes--;
    }
  }

  return {
    pathname: "/sessions/:id/:track.jpg",
    pattern: "/sessions/:id(.+)/:track([^/]+).jpg",
    rights: { GET: "watch" },
    methods: { GET: get },
  };
}

async function keyframeOf(
  reading: FeedReading,
  name: string,
): Promise<MediaFrame> {
  const { feed } = reading;
  using tap = new KeyframeTap(feed, findTrack(feed, name));
  return await reading.wait((signal) => tap.take(signal), {
    ms: WAIT_MS,
    what: "keyframe",
  });
}

/** @throws {HttpProblem} 404 that names the tracks that there are. */
function findTrack({ tracks }: Feed, name: string): number {
  const named = tracks.findIndex((track) =>
    track.kind === "video" && track.name === name
  );
  if (named >= 0) return named;
  const first = tracks.findIndex(({ kind }) => kind === "video");
  if (first >= 0 && name === ANY_TRACK) return first;
  const names = tracks.filter(({ kind }) => kind === "video")
    .slice(0, 8)
    .map(({ name = ANY_TRACK }) => cutText(name));
  throw new HttpProblem(
    STATUS_CODE.NotFound,
    `The session has no video ${cutText(name)}; it has ` +
      (names.join(", ") || "none"),
  );
}

/** @throws {HttpProblem} 501 where ffmpeg may not be run. */
async function checkPermission(): Promise<void> {
  const { state } = await Deno.permissions.query({
    name: "run",
    command: "ffmpeg",
  });
  if (state === "granted") return;
  throw notImplemented(
    "The server may not run ffmpeg, which makes pictures: start it with " +
      "deno run -P=server --allow-run=ffmpeg server.ts",
  );
}

function notImplemented(detail: string): HttpProblem {
  return new HttpProblem(STATUS_CODE.NotImplemented, detail);
}

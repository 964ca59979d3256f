import { ifNoneMatch } from "@std/http/etag";
import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { FILE_TARGETS } from "../hosting/frame_targets.ts";
import { type EncodedFrame, ownCaptureTime } from "../wire/frame.ts";
import { heldAnswer } from "./held_answer.ts";
import { HttpProblem } from "./problem.ts";
import { readSelection } from "./read_selection.ts";
import type { Route, RouteRequest } from "./route.ts";
import { type CloudSources, StreamReading } from "./stream_reading.ts";

/**
 * `GET /sessions/NAME/STREAM.pcd`, `.ply` and so on: a stream's newest cloud as
 * a file. Its entity tag is of the frame's number; `?wait=next` waits for the
 * next cloud, or with `If-None-Match` for another than that, and `?fields=`,
 * `every` and `box` get a part of it.
 */
export function cloudRoute(sources: CloudSources): Route {
  async function get(request: RouteRequest): Promise<Response> {
    const { url } = request.request;
    const isPatient = readWait(url);
    const selection = readSelection(url);
    const reading = await StreamReading.open(sources, request);
    using life = new DisposableStack();
    life.use(reading);
    const known = request.request.headers.get("if-none-match");
    const { id = "", format = "" } = request.params;
    const tagOf = ({ number }: EncodedFrame) => `"${id}.${number}"`;
    const isKnown = (frame: EncodedFrame) => !ifNoneMatch(known, tagOf(frame));
    let frame = await reading.first(isPatient);
    const isOld = known === null ? reading.hadCloud : isKnown(frame);
    if (isPatient && isOld) frame = await reading.next();
    const headers = headersOf(frame, tagOf(frame));
    if (isKnown(frame)) {
      return new Response(null, { status: STATUS_CODE.NotModified, headers });
    }
    const target = FILE_TARGETS.find((name) => name === format)!;
    const bytes = await sources.converter.convert(frame, target, selection);
    const { method } = request.request;
    if (method !== "HEAD") reading.tap.sent(bytes.length);
    const { budget } = sources;
    return heldAnswer(bytes, { method, headers, budget, life });
  }

  return {
    pathname: "/sessions/:id/:stream.:format",
    pattern: `/sessions/:id(.+)/:stream([^/]+).:format(${
      FILE_TARGETS.join("|")
    })`,
    rights: { GET: "watch" },
    methods: { GET: get },
  };
}

/** @throws {HttpProblem} 400 for another `wait` than `next`. */
function readWait(url: string): boolean {
  const wait = new URL(url).searchParams.get("wait");
  if (wait === null) return false;
  if (wait === "next") return true;
  throw new HttpProblem(
    STATUS_CODE.BadRequest,
    `wait is "${cutText(wait)}", not "next"`,
  );
}

function headersOf(frame: EncodedFrame, etag: string): Headers {
  return new Headers({
    "content-type": "application/octet-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "pointwire-capture-time": `${ownCaptureTime(frame)}`,
    etag,
  });
}

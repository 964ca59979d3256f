import { STATUS_CODE } from "@std/http/status";
import type { ByteBudget } from "../limits/byte_budget.ts";
import { cutText } from "../foreign_text.ts";
import type { CloudPosting } from "./cloud_posting.ts";
import { PostedBody } from "./posted_body.ts";
import { HttpProblem } from "./problem.ts";
import type { RequestGate } from "./request_gate.ts";
import type { Route, RouteRequest } from "./route.ts";

/** Where clouds are posted to. */
export const POST_PATH = "/sessions/:id/:stream";

/** The field that says when the first cloud of a body was captured. */
const CAPTURE_TIME = "pointwire-capture-time";

/** Most characters of a stream's name. */
const MAX_STREAM_CHARACTERS = 64;

/** What posted clouds are taken with. */
export interface PostRouteOptions {
  posting: CloudPosting;
  /** What is held of bodies that aren't read to the end. */
  budget: ByteBudget;
  /** Holds an address to the sessions that it may have made. */
  gate: RequestGate;
}

/**
 * `POST /sessions/NAME/STREAM`: clouds of a publisher without WebRTC, one or
 * many in a body. The first makes the session, which is over when none came for
 * a while.
 */
export function postRoute({ posting, budget, gate }: PostRouteOptions): Route {
  async function post(
    { request, remote, access, params }: RouteRequest,
  ): Promise<Response> {
    const { id: session = "", stream = "" } = params;
    checkStream(stream);
    const captureTime = readCaptureTime(request.headers);
    const maxBytes = posting.frameBytes;
    await using body = new PostedBody(request, { maxBytes, budget });
    let part = await body.next();
    if (part === undefined) throw bad("The body has no cloud");
    const isNew = !posting.has(session);
    const opened = await posting.open(
      { session, remote, access },
      () => gate.offer(remote),
    );
    const { id, name, poster } = opened;
    if (part.type === "cloud") part.captureTime = captureTime;
    let clouds = 0;
    for (; part !== undefined; part = await body.next()) {
      const mistake = await poster.post({ ...part, stream });
      if (mistake !== undefined) throw bad(mistake);
      // Text tells of the clouds that follow it.
      if (part.type === "cloud" || typeof part.message !== "string") clouds++;
    }
    return Response.json({ session: id, name, clouds }, {
      status: isNew ? STATUS_CODE.Created : STATUS_CODE.OK,
      headers: isNew ? { location: `/sessions/${id}` } : {},
    });
  }

  return {
    pathname: POST_PATH,
    pattern: "/sessions/:id(.+)/:stream([^/]+)",
    rights: { POST: "publish" },
    methods: { POST: post },
  };
}

/** @throws {HttpProblem} 400 for what a stream can't be called. */
function checkStream(name: string): void {
  const isPrintable = /^[^\p{Cc}]+$/u.test(name);
  if (isPrintable && name.length <= MAX_STREAM_CHARACTERS) return;
  throw bad(
    `"${cutText(name)}" can't be the name of a stream: it has 1 to ` +
      `${MAX_STREAM_CHARACTERS} characters that can be printed`,
  );
}

/** @throws {HttpProblem} 400 for what is no time. */
function readCaptureTime(headers: Headers): number | undefined {
  const text = headers.get(CAPTURE_TIME);
  if (text === null) return undefined;
  const time = Number(text);
  if (text.trim() !== "" && Number.isFinite(time)) return time;
  throw bad(
    `${CAPTURE_TIME} is "${cutText(text)}", not milliseconds since 1970`,
  );
}

function bad(detail: string): HttpProblem {
  return new HttpProblem(STATUS_CODE.BadRequest, detail);
}

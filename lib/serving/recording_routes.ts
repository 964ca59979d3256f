import { STATUS_CODE } from "@std/http/status";
import { RecordingError } from "../recording/errors.ts";
import type { RecordingTotals } from "../recording/recording_options.ts";
import { HttpProblem, unavailable } from "./problem.ts";
import type { Route } from "./route.ts";

/** Records sessions: what the routes and the metrics ask of it. */
export interface RecordingControl {
  /** Where its files are, which those who may watch can read. */
  readonly folder?: string;
  /** Tells whether a session is recorded. */
  has(id: string): boolean;
  /** Begins to record a session, where it isn't recorded already. */
  start(id: string): Promise<void>;
  /** Ends a session's recording; resolves when its files are whole. */
  stop(id: string): Promise<void>;
  /** Says what came of all recordings so far. */
  counters(): Promise<RecordingTotals>;
}

/** `POST` and `DELETE /sessions/ID/recording`. */
export function recordingRoutes(recordings?: RecordingControl): Route[] {
  return [{
    // A name has slashes here as at the end of a path.
    pathname: "/sessions/:id(.+)/recording",
    rights: { POST: "operate", DELETE: "operate" },
    methods: {
      POST: async ({ params: { id = "" } }) => {
        await refused(known(recordings).start(id));
        return new Response(null, { status: STATUS_CODE.NoContent });
      },
      DELETE: async ({ params: { id = "" } }) => {
        const there = known(recordings);
        if (!there.has(id)) {
          const detail = `The session ${id} is not recorded`;
          throw new HttpProblem(STATUS_CODE.NotFound, detail);
        }
        await refused(there.stop(id));
        return new Response(null, { status: STATUS_CODE.NoContent });
      },
    },
  }];
}

/** Says by HTTP why a recording can't be made, or was not made whole. */
async function refused(asked: Promise<void>): Promise<void> {
  try {
    await asked;
  } catch (cause) {
    if (!(cause instanceof RecordingError)) throw cause;
    throw unavailable(cause.message, { cause });
  }
}

/** @throws {HttpProblem} 404 where a server doesn't record. */
export function known<T>(recordings: T | undefined): T {
  if (recordings !== undefined) return recordings;
  throw new HttpProblem(
    STATUS_CODE.NotFound,
    "This server has no folder for recordings: start it with --record FOLDER",
  );
}

import { STATUS_CODE } from "@std/http/status";
import type { RecordingControl } from "../hosting/recording_control.ts";
import { RecordingError } from "../recording/errors.ts";
import { HttpProblem, unavailable } from "./problem.ts";
import type { Route } from "./route.ts";

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
        if (!await refused(known(recordings).stop(id))) {
          const detail = `The session ${id} is not recorded`;
          throw new HttpProblem(STATUS_CODE.NotFound, detail);
        }
        return new Response(null, { status: STATUS_CODE.NoContent });
      },
    },
  }];
}

/** Says by HTTP why a recording can't be made, or was not made whole. */
async function refused<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
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

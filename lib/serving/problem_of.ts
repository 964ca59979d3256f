import { STATUS_CODE, type StatusCode } from "@std/http/status";
import { HostError, type HostErrorCode } from "../hosting/host_error.ts";
import {
  ConversionError,
  type ConversionErrorReason,
} from "../hosting/frame_converter.ts";
import { isOutOfDescriptors } from "../descriptors.ts";
import { LimitError } from "../limits/limit_error.ts";
import { HttpProblem, unavailable } from "./problem.ts";

/** What a host's error is by HTTP; `"later"` is worth another try. */
const HOST_STATUS: Record<HostErrorCode, StatusCode | "later"> = {
  "no-session": STATUS_CODE.NotFound,
  "no-watcher": STATUS_CODE.NotFound,
  "name-taken": STATUS_CODE.Conflict,
  "deleted": STATUS_CODE.Gone,
  "limit": STATUS_CODE.TooManyRequests,
  "selections": STATUS_CODE.TooManyRequests,
  "unanswerable": STATUS_CODE.BadRequest,
  "unusable": STATUS_CODE.UnprocessableEntity,
  "unreachable": STATUS_CODE.ServiceUnavailable,
  "no-descriptors": "later",
  "no-worker": "later",
  "no-node": "later",
  "draining": "later",
  "closed": "later",
};

/** The same of a cloud that was not converted. */
const CONVERSION_STATUS: Record<ConversionErrorReason, StatusCode | "later"> = {
  "impossible": STATUS_CODE.NotAcceptable,
  "busy": "later",
  "failed": "later",
  "closed": "later",
};

/**
 * What is full for everybody is unavailable (RFC 9110 section 15.6.4); what is
 * full for one address is too much of it (RFC 6585 section 4).
 */
const FULL_FOR_ALL: LimitError["limit"][] = [
  "sessions",
  "watchers",
  "foxglove-clients",
  "recording-lists",
];

/** Makes an HTTP problem of what was thrown while a request was answered. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof LimitError) return limitProblem(error);
  if (error instanceof HostError) {
    return statusProblem(HOST_STATUS[error.code], error);
  }
  if (error instanceof ConversionError) {
    return statusProblem(CONVERSION_STATUS[error.reason], error);
  }
  if (isOutOfDescriptors(error)) {
    const detail = "The server has too many files open to answer";
    return unavailable(detail, { cause: error });
  }
  return new HttpProblem(
    STATUS_CODE.InternalServerError,
    "The server failed to answer; its log says why",
    { cause: error },
  );
}

function limitProblem({ limit, message, retryAfterS }: LimitError) {
  const status = FULL_FOR_ALL.includes(limit)
    ? STATUS_CODE.ServiceUnavailable
    : STATUS_CODE.TooManyRequests;
  const headers: Record<string, string> = retryAfterS === undefined
    ? {}
    : { "retry-after": `${retryAfterS}` };
  return new HttpProblem(status, message, { headers, limit });
}

function statusProblem(
  status: StatusCode | "later",
  error: Error,
): HttpProblem {
  const options = { cause: error };
  return status === "later"
    ? unavailable(error.message, options)
    : new HttpProblem(status, error.message, options);
}

import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import {
  type Description,
  linesOf,
  parseDescription,
  SdpError,
} from "../transport/sdp/description.ts";
import { keepFingerprints } from "../transport/sdp/fingerprint.ts";
import { brokenSdpLimit } from "../transport/sdp_limits.ts";
import { HttpProblem } from "./problem.ts";

/** A session description as JSON carries it. */
export interface SessionDescription {
  type: "offer" | "answer";
  sdp: string;
}

/** What `POST /offer` takes. */
export interface OfferBody extends SessionDescription {
  /**
   * Id of the session that the new one takes the place of: one that was lost,
   * or will be. It is known to its own client alone.
   */
  resumes?: string;
}

/** More than any session's id has. */
const MAX_ID_CHARACTERS = 64;

/**
 * Reads the body of `POST /offer`.
 *
 * @throws {HttpProblem} 400 that names what is missing or wrong.
 */
export function parseOffer(body: string): OfferBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw badOffer("The body is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badOffer("The body is not a JSON object with sdp and type");
  }
  const { type, sdp, resumes } = value as Record<string, unknown>;
  if (typeof sdp !== "string") {
    throw badOffer(`sdp is ${kindOf(sdp)}, not text`);
  }
  if (type !== "offer") {
    throw badOffer(
      `type is ${
        typeof type === "string" ? `"${cutText(type)}"` : kindOf(type)
      }, not "offer"`,
    );
  }
  checkSdp(sdp);
  if (resumes === undefined || resumes === null) return { type, sdp };
  if (typeof resumes !== "string") {
    throw badOffer(`resumes is ${kindOf(resumes)}, not a session's id`);
  }
  // It is kept, and shown to all who watch.
  if (resumes.length > MAX_ID_CHARACTERS) {
    throw badOffer(
      `resumes has ${resumes.length} characters, more than a session's id`,
    );
  }
  return { type, sdp, resumes };
}

/**
 * Holds an SDP against what a WebRTC offer must have (RFC 8829 section 5.2.1),
 * so that a mistake is named before anything is made for it.
 *
 * @throws {HttpProblem} 400.
 */
export function checkSdp(sdp: string): void {
  const description = orProblem(() => parseDescription(sdp));
  const lines = linesOf(description);
  const broken = brokenSdpLimit(lines);
  if (broken !== undefined) {
    const { count, what, most, limit } = broken;
    throw new HttpProblem(
      STATUS_CODE.BadRequest,
      `The SDP has ${count} ${what}, and at most ${most} are answered`,
      { limit },
    );
  }
  if (!lines.some((line) => line.startsWith("m="))) {
    throw badOffer("The SDP has no media section (m=)");
  }
  for (const name of ["ice-ufrag", "ice-pwd", "fingerprint"]) {
    if (!lines.some((line) => line.startsWith(`a=${name}:`))) {
      throw badOffer(`The SDP has no a=${name}`);
    }
  }
  orProblem(() => keepFingerprints(description));
}

function orProblem(read: () => Description): Description {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    throw badOffer(error.message, error);
  }
}

function kindOf(value: unknown): string {
  return value === undefined
    ? "missing"
    : value === null
    ? "null"
    : `a ${typeof value}`;
}

function badOffer(detail: string, cause?: unknown): HttpProblem {
  return new HttpProblem(STATUS_CODE.BadRequest, detail, { cause });
}

import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import { MAX_NAME_CHARACTERS, whyNoName } from "../session_name.ts";
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
  /** What the session is to be called; no other may be called so. */
  name?: string;
  /** What the publisher's machine is called: a name is made of it. */
  machine?: string;
}

/** More than any session's id has. */
const MAX_ID_CHARACTERS = 64;
/** More than any machine's name has (RFC 1035 section 2.3.4). */
const MAX_MACHINE_CHARACTERS = 255;

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
  const { type, sdp, ...rest } = value as Record<string, unknown>;
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
  // What is kept, and shown to all who watch.
  const resumes = readText(rest.resumes, {
    field: "resumes",
    what: "a session's id",
    most: MAX_ID_CHARACTERS,
  });
  const machine = readText(rest.machine, {
    field: "machine",
    what: "a machine's name",
    most: MAX_MACHINE_CHARACTERS,
  });
  const name = readText(rest.name, {
    field: "name",
    what: "a session's name",
    most: MAX_NAME_CHARACTERS,
  });
  if (name !== undefined) checkName(name);
  return { type, sdp, resumes, name, machine };
}

/**
 * Holds what a session is to be called against what names are.
 *
 * @throws {HttpProblem} 400.
 */
export function checkName(name: string): void {
  const why = whyNoName(name);
  if (why === undefined) return;
  throw badOffer(`The name "${cutText(name)}" can't be used: ${why}`);
}

function readText(
  value: unknown,
  { field, what, most }: { field: string; what: string; most: number },
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") {
    throw badOffer(`${field} is ${kindOf(value)}, not ${what}`);
  }
  if (value.length <= most) return value;
  throw badOffer(
    `${field} has ${value.length} characters, more than ${what}`,
  );
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

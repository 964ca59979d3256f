import { STATUS_CODE } from "@std/http/status";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { Backoff } from "./backoff.ts";

export interface SignalingErrorOptions extends ErrorOptions {
  /** Status of the server's answer, where it gave one. */
  status?: number;
  /** When the server wants to be asked again, seconds. @default {0} */
  retryAfterS?: number;
}

/** Why an offer got no answer that can be used. */
export class SignalingError extends Error {
  override readonly name = "SignalingError";
  /** Status of the server's answer; none where no answer came. */
  readonly status: number | undefined;
  /**
   * When the server wants to be asked again, seconds; 0 where it doesn't say.
   */
  readonly retryAfterS: number;

  constructor(message: string, options: SignalingErrorOptions = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}

/** Path at which a pointwire server takes offers, and the original's too. */
const OFFER_PATH = "/offer";
/** Answers that may be another soon. */
const BUSY_STATUS: number[] = [
  STATUS_CODE.TooManyRequests,
  STATUS_CODE.ServiceUnavailable,
];
/** Longest wait that a server may ask for, seconds: a longer one is a no. */
const MAX_RETRY_AFTER_S = 5;
/** Characters of an answer that go into an error's message. */
const MAX_DETAIL_CHARACTERS = 200;

/** What a server answers an offer with. */
export interface OfferAnswer {
  sdp: string;
  /** The session's id; a server that isn't pointwire's names none. */
  session?: string;
}

export interface PostOfferOptions {
  signal?: AbortSignal;
  /** Tries where no answer comes, or 429 or 503. @default {3} */
  tries?: number;
  /**
   * Most time from the first try to the second, doubled for each one after.
   * @default {300} milliseconds
   */
  backoffMs?: number;
  /**
   * Time for one answer: gathering candidates takes a while.
   * @default {15_000} milliseconds
   */
  timeoutMs?: number;
  /** Id of the session that the new one takes the place of. */
  resumes?: string;
  /** Shows that this client may publish: a bearer token (RFC 6750). */
  token?: string;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. */
  caCerts?: string[];
  /** The time between tries. @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** Gives the URL that offers go to: `/offer` of a server without a path. */
export function offerUrl(server: string): string {
  const url = new URL(server);
  if (url.pathname === "/") url.pathname = OFFER_PATH;
  return url.href;
}

/**
 * Posts an offer to `url`, and gives the answer.
 *
 * @throws {SignalingError} naming the URL and what went wrong.
 * @throws the signal's reason when it is aborted.
 */
export async function postOffer(
  url: string,
  sdp: string,
  options: PostOfferOptions = {},
): Promise<OfferAnswer> {
  const { signal, tries = 3, backoffMs = 300, clock = SYSTEM_CLOCK } = options;
  const backoff = new Backoff({ firstMs: backoffMs }, clock.now());
  let retryAfterS = 0;
  while (true) {
    const waitMs = backoff.next(clock.now());
    await clock.sleep(Math.max(waitMs, 1000 * retryAfterS), signal);
    signal?.throwIfAborted();
    const result = await tryOnce(url, sdp, options);
    if (!(result instanceof SignalingError)) return result;
    if (backoff.tries >= tries || !isWorthAnotherTry(result)) throw result;
    retryAfterS = result.retryAfterS;
  }
}

async function tryOnce(
  url: string,
  sdp: string,
  { signal, timeoutMs = 15_000, resumes, token, caCerts }: PostOfferOptions,
): Promise<OfferAnswer | SignalingError> {
  const timeout = AbortSignal.timeout(timeoutMs);
  // A connection that was kept open from the last time may be dead by now.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, caCerts });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      body: JSON.stringify({ sdp, type: "offer", resumes }),
      client,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const text = await response.text();
    if (response.status !== STATUS_CODE.OK) {
      return new SignalingError(
        `${url} answered ${response.status}${detailOf(text)}` +
          adviceFor(response.status, token),
        {
          status: response.status,
          retryAfterS: readRetryAfter(response.headers),
        },
      );
    }
    return readAnswer(url, text);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.aborted) {
      return new SignalingError(
        `${url} did not answer within ${timeoutMs / 1000} s`,
        { cause },
      );
    }
    const reason = reasonOf(cause);
    return new SignalingError(
      `Can't reach ${url}: ${reason}; ${adviceOn(reason)}`,
      { cause },
    );
  }
}

function readAnswer(url: string, text: string): OfferAnswer | SignalingError {
  try {
    const { sdp, type, session } = JSON.parse(text);
    if (typeof sdp === "string" && type === "answer") {
      return typeof session === "string" ? { sdp, session } : { sdp };
    }
  } catch {
    // The error below says what it is not.
  }
  return new SignalingError(
    `${url} answered 200, but not with JSON {sdp, type: "answer"}: ` +
      `it isn't a signaling server`,
    { status: STATUS_CODE.OK },
  );
}

/** The detail of a problem document, or the start of any other text. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === "string") return `: ${detail}`;
  } catch {
    // Not a problem document.
  }
  const line = text.trim().split("\n", 1)[0]
    .slice(0, MAX_DETAIL_CHARACTERS);
  return line === "" ? "" : `: ${line}`;
}

/** Says what to do where the server wants to know who this is. */
function adviceFor(status: number, token: string | undefined): string {
  const isRefusal = status === STATUS_CODE.Unauthorized ||
    status === STATUS_CODE.Forbidden;
  if (!isRefusal) return "";
  return token === undefined
    ? "; give one with --token or POINTWIRE_TOKEN"
    : "; give another with --token or POINTWIRE_TOKEN";
}

function adviceOn(reason: string): string {
  if (/invalid peer certificate/.test(reason)) {
    return "if its certificate is of an authority of your own, " +
      "name that one's with --ca";
  }
  if (/invalid HTTP version/.test(reason)) return "does it speak https?";
  return "is the server running there?";
}

/** The innermost cause: fetch wraps what the system said several times. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const certificate = /invalid peer certificate: \w+/.exec(error.message);
  if (certificate !== null) return certificate[0];
  const system = /\((os error \d+)\)/.exec(error.message);
  if (system === null) return error.message.replace(/^.*: (?=\S)/, "");
  return error.message.slice(0, system.index).replace(/^.*: /, "").trim();
}

function isWorthAnotherTry({ status, retryAfterS }: SignalingError): boolean {
  if (status === undefined) return true;
  return BUSY_STATUS.includes(status) && retryAfterS <= MAX_RETRY_AFTER_S;
}

/**
 * Reads the seconds of `Retry-After` (RFC 9110 section 10.2.3); 0 for a date.
 */
function readRetryAfter(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return seconds > 0 ? seconds : 0;
}

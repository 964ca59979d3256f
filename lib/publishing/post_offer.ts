import { setTimeout } from "node:timers/promises";

/** Why an offer got no answer. */
export class SignalingError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "SignalingError";

  /** Makes an error; `message` is a sentence. */
  constructor(
    message: string,
    options?: ErrorOptions,
    /** When the server wants to be asked again, seconds. */
    readonly retryAfterS = 0,
  ) {
    super(message, options);
  }
}

/** Longest wait for another try that a server may ask for, seconds: else it says no. */
const MAX_RETRY_AFTER_S = 5;

/** What a server answers an offer with. */
export interface OfferAnswer {
  sdp: string;
  /** The session's id; a server that isn't pointwire's names none. */
  session?: string;
}

export interface PostOfferOptions {
  signal?: AbortSignal;
  /** Tries where the server can't be reached or answers 429 or 503. @default {3} */
  tries?: number;
  /** Wait before the second try, doubled for each one after. @default {300} */
  backoffMs?: number;
  /**
   * Time for one answer: gathering candidates takes a while.
   * @default {15_000} milliseconds
   */
  timeoutMs?: number;
  /** Id of the session that the new one takes the place of. */
  resumes?: string;
  /** Shows that this client may publish. It is sent as a bearer token (RFC 6750). */
  token?: string;
  /** Certificates, in PEM, of authorities that are trusted besides the usual ones. */
  caCerts?: string[];
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
  const { signal, tries = 3, backoffMs = 300 } = options;
  for (let tried = 1;; tried++) {
    const result = await tryOnce(url, sdp, options);
    if (!(result instanceof SignalingError)) return result;
    if (tried >= tries || !isWorthAnotherTry(result)) throw result;
    const backoff = backoffMs * 2 ** (tried - 1);
    const ms = Math.max(backoff, 1000 * result.retryAfterS);
    const wait = setTimeout(ms, undefined, { signal });
    await wait.catch(() => signal?.throwIfAborted());
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
    if (response.status !== 200) {
      return new SignalingError(
        `${url} answered ${response.status}${detailOf(text)}` +
          adviceFor(response.status, token),
        { cause: response.status },
        readRetryAfter(response.headers),
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
    // Told below: what it is not is all that matters here.
  }
  return new SignalingError(
    `${url} answered 200, but not with JSON {sdp, type: "answer"}: ` +
      `it isn't a signaling server`,
    { cause: 200 },
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
  const line = text.trim().split("\n", 1)[0].slice(0, 200);
  return line === "" ? "" : `: ${line}`;
}

/** What to do where the server wants to know who this is. */
function adviceFor(status: number, token: string | undefined): string {
  if (status !== 401 && status !== 403) return "";
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

function isWorthAnotherTry({ cause, retryAfterS }: SignalingError): boolean {
  if (typeof cause !== "number") return true;
  return (cause === 429 || cause === 503) && retryAfterS <= MAX_RETRY_AFTER_S;
}

/** What `Retry-After` says in seconds (RFC 9110 section 10.2.3); 0 for a date. */
function readRetryAfter(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return seconds > 0 ? seconds : 0;
}

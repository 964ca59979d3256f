/** One question to a server over HTTP, and what is said where it fails. */
import { STATUS_CODE } from "@std/http/status";
import { foreignText } from "../foreign_text.ts";
import { MAX_ANSWER_BYTES } from "../limits/answer_limits.ts";
import { BodyError, readText } from "../limits/read_text.ts";
import { SignalingError } from "./errors.ts";

/** What lets a program in, and what it trusts. */
export interface AskOptions {
  /** Shows what the program may do: a bearer token (RFC 6750). */
  token?: string;
  /** Certificates, in PEM, of authorities trusted besides the usual ones. */
  caCerts?: string[];
}

/** Where a user gives what was missing: the end of a sentence. */
export interface Remedies {
  token: string;
  caCerts: string;
}

export interface Question extends AskOptions {
  method: "GET" | "POST" | "DELETE";
  headers?: Record<string, string>;
  body?: string;
  /** Time for the whole answer, milliseconds. */
  timeoutMs: number;
  /** Most bytes of the answer. @default {MAX_ANSWER_BYTES} */
  maxBytes?: number;
  signal?: AbortSignal;
  remedies: Remedies;
}

/** What a server said, whatever its status. */
export interface Reply {
  /** Where it came from, after redirects. */
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Asks a server. It may send the question on: up to 20 times, over HTTP, all
 * within the time, and without the token where that is to another host.
 *
 * @throws {SignalingError} where no answer comes, or one that is too large.
 * @throws the signal's reason when it is aborted.
 */
export async function ask(
  url: string | URL,
  question: Question,
): Promise<Reply> {
  const { method, headers, body, token, caCerts } = question;
  const { signal, timeoutMs, maxBytes = MAX_ANSWER_BYTES, remedies } = question;
  const timeout = AbortSignal.timeout(timeoutMs);
  // A connection that was kept open from the last time may be dead by now.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, caCerts });
  let status: number | undefined;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...headers,
        ...token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      body,
      client,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    status = response.status;
    const text = await readText(response, { maxBytes });
    return { url: response.url, status, headers: response.headers, text };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (cause instanceof BodyError && cause.reason === "too-large") {
      throw new SignalingError(
        `${url} answered ${status} with more than ${maxBytes / 1024} KiB, ` +
          `which no signaling server does: check the URL`,
        { status, cause },
      );
    }
    const why = foreignText(reasonOf(cause));
    throw new SignalingError(
      timeout.aborted
        ? `${url} did not answer within ${timeoutMs / 1000} s`
        : `Can't reach ${url}: ${why}; ${adviceOn(why, remedies)}`,
      { cause },
    );
  }
}

/** Makes the error that tells of a refusal. */
export function refusal(
  url: string | URL,
  { status, headers, text }: Reply,
  { token, remedies }: Pick<Question, "token" | "remedies">,
): SignalingError {
  return new SignalingError(
    `${url} answered ${status}${detailOf(text)}` +
      adviceFor(status, token, remedies),
    { status, retryAfterS: readRetryAfter(headers) },
  );
}

/** The detail of a problem document, or the start of any other text. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === "string") return `: ${foreignText(detail)}`;
  } catch {
    // Not a problem document.
  }
  const [line] = text.trim().split("\n", 1);
  return line === "" ? "" : `: ${foreignText(line.trimEnd())}`;
}

/** Says what to do where the server wants to know who this is. */
function adviceFor(
  status: number,
  token: string | undefined,
  remedies: Remedies,
): string {
  if (
    status !== STATUS_CODE.Unauthorized && status !== STATUS_CODE.Forbidden
  ) return "";
  const one = token === undefined ? "one" : "another";
  return `; give ${one} with ${remedies.token}`;
}

function adviceOn(reason: string, remedies: Remedies): string {
  if (/invalid peer certificate/.test(reason)) {
    return "if its certificate is of an authority of your own, " +
      `name that one's with ${remedies.caCerts}`;
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

/**
 * Reads the seconds of `Retry-After` (RFC 9110 section 10.2.3); 0 for a date.
 */
function readRetryAfter(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return seconds > 0 ? seconds : 0;
}

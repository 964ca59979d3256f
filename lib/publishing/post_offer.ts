import { STATUS_CODE } from "@std/http/status";
import { setTimeout } from "node:timers/promises";
import { ask, type AskOptions, refusal } from "../signaling/ask.ts";
import { SignalingError } from "../signaling/errors.ts";

/** Longest wait for another try that a server may ask for, seconds: else it says no. */
const MAX_RETRY_AFTER_S = 5;

/** Where the client's user gives what is missing. */
const REMEDIES = { token: "--token or POINTWIRE_TOKEN", caCerts: "--ca" };

/** What a server answers an offer with. */
export interface OfferAnswer {
  sdp: string;
  /** The session's id; a server that isn't pointwire's names none. */
  session?: string;
}

export interface PostOfferOptions extends AskOptions {
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
  options: PostOfferOptions,
): Promise<OfferAnswer | SignalingError> {
  const { timeoutMs = 15_000, resumes } = options;
  const question = {
    ...options,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sdp, type: "offer", resumes }),
    timeoutMs,
    remedies: REMEDIES,
  } as const;
  try {
    const reply = await ask(url, question);
    if (reply.status === STATUS_CODE.OK) return readAnswer(url, reply.text);
    return refusal(url, reply, question);
  } catch (error) {
    if (error instanceof SignalingError) return error;
    throw error;
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
    { status: STATUS_CODE.OK },
  );
}

function isWorthAnotherTry({ status, retryAfterS }: SignalingError): boolean {
  if (status === undefined) return true;
  const isBusy = status === STATUS_CODE.TooManyRequests ||
    status === STATUS_CODE.ServiceUnavailable;
  return isBusy && retryAfterS <= MAX_RETRY_AFTER_S;
}

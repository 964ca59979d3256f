import { STATUS_CODE } from "@std/http/status";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import { ask, type AskOptions, refusal } from "../signaling/ask.ts";
import { SignalingError } from "../signaling/errors.ts";
import { Backoff } from "../backoff.ts";
import { isSessionName } from "../session_name.ts";
import { isSessionId } from "../signaling/session_id.ts";

/** Path at which a pointwire server takes offers, and the original's too. */
const OFFER_PATH = "/offer";
/** Answers that may be another soon. */
const BUSY_STATUS: number[] = [
  STATUS_CODE.TooManyRequests,
  STATUS_CODE.ServiceUnavailable,
];
/** Longest wait that a server may ask for, seconds: a longer one is a no. */
const MAX_RETRY_AFTER_S = 5;

/** Where the client's user gives what is missing. */
const REMEDIES = { token: "--token or POINTWIRE_TOKEN", caCerts: "--ca" };

/** What a server answers an offer with. */
export interface OfferAnswer {
  sdp: string;
  /** The session's id; a server that isn't pointwire's names none. */
  session?: string;
  /** What the session is called; none where there is no id. */
  name?: string;
  /** Where else its cluster takes offers. */
  nodes?: string[];
}

export interface PostOfferOptions extends AskOptions {
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
  /** What the session is to be called; a server refuses one that is in use. */
  name?: string;
  /** What this machine is called: the server makes a name of it. */
  machine?: string;
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
  options: PostOfferOptions,
): Promise<OfferAnswer | SignalingError> {
  const { timeoutMs = 15_000, resumes, name, machine } = options;
  const question = {
    ...options,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sdp, type: "offer", resumes, name, machine }),
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
    const { sdp, type, session, name, nodes } = JSON.parse(text);
    if (typeof sdp === "string" && type === "answer") {
      if (!isSessionId(session)) return { sdp };
      return {
        ...{ sdp, session },
        ...isSessionName(name) ? { name } : {},
        ...Array.isArray(nodes) ? { nodes: nodes.filter(isAddress) } : {},
      };
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

function isAddress(node: unknown): node is string {
  return typeof node === "string" && URL.canParse(node);
}

function isWorthAnotherTry({ status, retryAfterS }: SignalingError): boolean {
  if (status === undefined) return true;
  return BUSY_STATUS.includes(status) && retryAfterS <= MAX_RETRY_AFTER_S;
}

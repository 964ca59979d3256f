/** What a watcher asks a server for: what is live, and to be sent it (WHEP). */
import { STATUS_CODE } from "@std/http/status";
import {
  ask,
  type AskOptions,
  type Question,
  refusal,
  type Reply,
} from "../signaling/ask.ts";
import { MAX_SESSIONS_BYTES } from "../limits/answer_limits.ts";
import { SignalingError } from "../signaling/errors.ts";
import type { Selection } from "../points/select.ts";
import { isSessionId } from "../signaling/session_id.ts";
import { type Choosable, chooseSession } from "./choice.ts";
import { NoSessionError } from "./errors.ts";

/** What a server answers an offer to watch with. */
export interface WatchAnswer {
  sdp: string;
  /** What is deleted to hang up; none where the server names none. */
  location: URL | undefined;
}

/** Time for an answer: gathering candidates takes a while. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Time to say that it is over to a server that may be gone. */
const HANG_UP_TIMEOUT_MS = 2_000;

const REMEDIES = { token: "the option token", caCerts: "the option caCerts" };

/** A server, as one who watches sees it. */
export class WatchedServer {
  readonly #base: URL;
  readonly #access: AskOptions;
  readonly #selection: Selection;

  /**
   * @param url of the server; a path stays in front of those of the requests.
   * @param selection the part of clouds that is asked for.
   * @throws {TypeError} where it is no URL.
   */
  constructor(
    url: string | URL,
    access: AskOptions,
    selection: Selection = {},
  ) {
    this.#base = new URL(url);
    this.#base.search = this.#base.hash = "";
    if (!this.#base.pathname.endsWith("/")) this.#base.pathname += "/";
    this.#access = access;
    this.#selection = selection;
  }

  get hostname(): string {
    return this.#base.hostname;
  }

  /** Where a session is offered to be watched. */
  endpoint(session: string): URL {
    const { fields, every, box } = this.#selection;
    const path = `whep/${encodeURIComponent(session)}`;
    const url = new URL(path, this.#base);
    const { searchParams } = url;
    if (fields) searchParams.set("fields", `${fields}`);
    if (every) searchParams.set("every", `${every}`);
    if (box) searchParams.set("box", `${[...box.min, ...box.max]}`);
    return url;
  }

  /**
   * Asks what sessions there are.
   *
   * @throws {SignalingError} where the server can't be asked or says no.
   */
  async sessions(signal: AbortSignal): Promise<Choosable[]> {
    const url = new URL("sessions", this.#base);
    const reply = await this.#ask(url, {
      method: "GET",
      maxBytes: MAX_SESSIONS_BYTES,
      signal,
    });
    if (reply.status !== STATUS_CODE.OK) throw this.#refusal(url, reply);
    return readSessions(url, reply.text);
  }

  /**
   * Finds the newest session that is live.
   *
   * @returns its id.
   * @throws {NoSessionError} where none is.
   * @throws {SignalingError} where the server can't be asked or says no.
   */
  async newestSession(signal: AbortSignal): Promise<string> {
    const none = { asked: undefined, current: undefined };
    const id = chooseSession(await this.sessions(signal), none);
    if (id !== undefined) return id;
    throw new NoSessionError(`No session is live on ${this.#base.href}`);
  }

  /**
   * Offers a connection to watch a session over.
   *
   * @throws {NoSessionError} where there is no such session.
   * @throws {SignalingError} where the server can't be asked or says no.
   */
  async offer(
    session: string,
    sdp: string,
    signal: AbortSignal,
  ): Promise<WatchAnswer> {
    const url = this.endpoint(session);
    const reply = await this.#ask(url, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: sdp,
      signal,
    });
    const { status, headers, text } = reply;
    if (status !== STATUS_CODE.Created) {
      const cause = this.#refusal(url, reply);
      if (status !== STATUS_CODE.NotFound) throw cause;
      throw new NoSessionError(cause.message, { cause });
    }
    return { sdp: text, location: readLocation(headers, reply.url) };
  }

  /** Says that it is over; a server that is gone needs not to know. */
  async hangUp(location: URL): Promise<void> {
    // Where the server has sent the offer on, no token went along either.
    const isOwn = location.origin === this.#base.origin;
    try {
      await this.#ask(location, {
        ...isOwn ? {} : { token: undefined },
        method: "DELETE",
        timeoutMs: HANG_UP_TIMEOUT_MS,
      });
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
    }
  }

  #ask(
    url: URL,
    question: Omit<Question, "remedies" | "timeoutMs"> & { timeoutMs?: number },
  ): Promise<Reply> {
    return ask(url, {
      timeoutMs: ANSWER_TIMEOUT_MS,
      ...this.#access,
      ...question,
      remedies: REMEDIES,
    });
  }

  #refusal(url: URL, reply: Reply): SignalingError {
    const { token } = this.#access;
    return refusal(url, reply, { token, remedies: REMEDIES });
  }
}

/**
 * Reads where a watcher is deleted. A server names no other server's resources:
 * this machine would be made to ask in its place.
 */
function readLocation(headers: Headers, answeredBy: string): URL | undefined {
  const said = headers.get("location");
  if (said === null) return undefined;
  const location = URL.parse(said, answeredBy);
  const { origin } = new URL(answeredBy);
  return location?.origin === origin ? location : undefined;
}

/** Reads what `GET /sessions` gives. */
function readSessions(url: URL, text: string): Choosable[] {
  try {
    const sessions: unknown = JSON.parse(text);
    if (Array.isArray(sessions) && sessions.every(isChoosable)) return sessions;
  } catch {
    // The error below says what it is not.
  }
  throw new SignalingError(
    `${url} answered 200, but not with sessions: it isn't a pointwire server`,
    { status: STATUS_CODE.OK },
  );
}

function isChoosable(value: unknown): value is Choosable {
  const { id, state, createdAt } = (value ?? {}) as Partial<Choosable>;
  return isSessionId(id) &&
    [state, createdAt].every((part) => typeof part === "string");
}

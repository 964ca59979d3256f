import { STATUS_CODE } from "@std/http/status";
import { SYSTEM_CLOCK } from "../clock.ts";
import { Backoff } from "../backoff.ts";
import { SignalingError } from "../signaling/errors.ts";
import { ConnectionError } from "../transport/errors.ts";
import { type Choosable, chooseSession } from "./choice.ts";
import type { WatchEnd } from "./connection.ts";
import { NoSessionError } from "./errors.ts";
import { logOf, openSession, serverOf, type WatchOptions } from "./watch.ts";
import type { WatchedSession } from "./watched_session.ts";

/** Ends after which no session takes the place of this one. */
const FINAL_CODES: WatchEnd["code"][] = ["deleted", "limit", "ended"];
/** Answers that would be the same again. */
const FINAL_STATUS: (number | undefined)[] = [
  STATUS_CODE.Unauthorized,
  STATUS_CODE.Forbidden,
];

/**
 * Watches one session after the other, as the page does: the newest, then the
 * one that takes its place when its publisher connects again, or the newest
 * there is by then. It waits where none is live, and while the server is away.
 *
 * With the id of a `session` it watches that one and those that take its place,
 * until it ends for good; with a name whatever has the name, one after the
 * other.
 *
 * Each session is over when the next one is given. The loop ends when `signal`
 * is aborted; to leave the loop hangs up.
 *
 * @throws {NoSessionError} where no `session` is live to begin with.
 * @throws {SignalingError} where the server wants a token, or another one.
 * @throws {TypeError} where `server` is no URL.
 *
 * @example
 * ```ts
 * import { follow } from "@pointwire/pointwire/watch";
 * import { createLogger, PointServer } from "@pointwire/pointwire/server";
 *
 * await using server = PointServer.listen({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   log: createLogger({ level: "error" }),
 * });
 * const signal = AbortSignal.timeout(1_000);
 * for await (const session of follow({ server: server.url, signal })) {
 *   for await (const { cloud } of session) console.log(cloud.points);
 *   console.log("ended:", (await session.ended).reason);
 * }
 * ```
 */
export async function* follow(
  options: WatchOptions,
): AsyncGenerator<WatchedSession, void, void> {
  const signal = options.signal ?? new AbortController().signal;
  const server = serverOf(options);
  const log = logOf(options);
  const chain = new Chain(options.session);
  const backoff = new Backoff({}, SYSTEM_CLOCK.now());
  while (!signal.aborted) {
    await SYSTEM_CLOCK.sleep(backoff.next(SYSTEM_CLOCK.now()), signal);
    let session: WatchedSession | undefined;
    try {
      const id = chain.next(await server.sessions(signal));
      if (id !== undefined) {
        session = await openSession({ server, session: id, signal }, options);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      log.info("not watching yet", { error });
      continue;
    }
    if (session === undefined) {
      if (!chain.isMissing) continue;
      throw new NoSessionError(`There is no session ${options.session}`);
    }
    await using _ = session;
    chain.add(session.id);
    yield session;
    const { code } = await session.ended;
    if (chain.isById && FINAL_CODES.includes(code)) return;
    backoff.reset(SYSTEM_CLOCK.now());
  }
}

/** The sessions that were watched, each in the place of the one before. */
class Chain {
  readonly #named: string | undefined;
  readonly #known = new Set<string>();
  #last: string | undefined;

  /** @param named what to begin with, by id or name, where not the newest. */
  constructor(named: string | undefined) {
    this.#named = named;
  }

  add(id: string): void {
    this.#last = id;
    if (this.isById) this.#known.add(id);
  }

  /** Whether it is one session, and not what has a name, nor the newest. */
  get isById(): boolean {
    return this.#named !== undefined && this.#known.has(this.#named);
  }

  /** Whether the one that is named was never watched. */
  get isMissing(): boolean {
    return this.#named !== undefined && this.#last === undefined;
  }

  /** Chooses the next one; none where it is to be waited for. */
  next(sessions: readonly Choosable[]): string | undefined {
    const named = this.#named;
    const current = this.#last;
    if (!this.isById) {
      const next = chooseSession(sessions, { asked: named, current });
      const found = sessions.find(({ id }) => id === next);
      if (named !== undefined && found !== undefined && found.name !== named) {
        this.#known.add(named);
      }
      return next;
    }
    const fitting = sessions.filter(({ id, resumes }) =>
      this.#known.has(id) || (resumes !== null && this.#known.has(resumes))
    );
    return chooseSession(fitting, { asked: undefined, current });
  }
}

/** Tells whether waiting doesn't mend it. */
function isFinal(error: unknown): boolean {
  if (error instanceof SignalingError) {
    return FINAL_STATUS.includes(error.status);
  }
  return !(error instanceof ConnectionError || error instanceof NoSessionError);
}

import type { Logger } from "../log.ts";
import { Session, type SessionEvents, type SessionOptions } from "./session.ts";

export interface SessionRegistryOptions {
  log: Logger;
  /** Makes the events of a session; called before it is answered. */
  events?(id: string): SessionEvents;
  /** Is told when a session is over. */
  onClosed?(session: Session): void;
  /** Settings that all sessions share. */
  session?: Pick<SessionOptions, "connectTimeoutMs" | "silenceMs">;
}

/** The sessions that live: made from offers, gone when they end. */
export class SessionRegistry implements AsyncDisposable {
  readonly #options: SessionRegistryOptions;
  readonly #sessions = new Map<string, Session>();
  #closed: string | undefined;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  /**
   * Answers an offer with a new session.
   *
   * @throws what `Session.answer` throws, and where the registry is closed.
   */
  async create(offer: string, loopback: boolean): Promise<Session> {
    const { log, events, session: settings } = this.#options;
    const id = newSessionId();
    const session = await Session.answer(
      { ...settings, id, offer, loopback },
      events?.(id) ?? {},
      log.child({ session: id }),
    );
    if (this.#closed !== undefined) {
      // It closed while the answer was made.
      await session.close(this.#closed);
      throw new Error(`No new sessions are made: closed (${this.#closed})`);
    }
    this.#sessions.set(id, session);
    void session.closed.then((reason) => this.#remove(session, reason));
    return session;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The sessions that live, oldest first. */
  list(): Session[] {
    return [...this.#sessions.values()];
  }

  /** Ends every session, and makes no more. */
  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    await Promise.all(this.list().map((session) => session.close(reason)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #remove(session: Session, reason: string): void {
    this.#sessions.delete(session.id);
    const { createdAt: _, id, ...snapshot } = session.snapshot();
    this.#options.log.info("session closed", {
      session: id,
      reason,
      ...snapshot,
    });
    this.#options.onClosed?.(session);
  }
}

/** 128 random bits, so that nobody guesses another's session (RFC 4648 §5). */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

import type { Logger } from "../log.ts";
import type { ByeCode } from "../session/protocol.ts";
import {
  SessionRegistry,
  type SessionRegistryOptions,
} from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import { isLoopback } from "../transport/address.ts";
import { WatcherRegistry } from "../watching/watcher_registry.ts";
import {
  type Answered,
  HostError,
  type HostObserver,
  type PublishRequest,
  type SessionHost,
  type WatchRequest,
} from "./session_host.ts";

/** Sessions that live in this isolate. */
export class LocalHost implements SessionHost {
  readonly #sessions: SessionRegistry;
  readonly #watchers: WatcherRegistry;
  readonly #log: Logger;
  #closed: string | undefined;

  constructor(options: SessionRegistryOptions) {
    this.#log = options.log;
    this.#sessions = new SessionRegistry(options);
    this.#watchers = new WatcherRegistry({
      sessions: this.#sessions,
      log: options.log,
      watcher: options.session,
    });
  }

  async publish(
    { offer, remote, resumes }: PublishRequest,
  ): Promise<Answered> {
    if (resumes !== undefined && this.#sessions.wasDeleted(resumes)) {
      throw new HostError(
        "deleted",
        `The session ${resumes} was deleted, and can't be resumed`,
      );
    }
    const session = await this.#sessions
      .create(offer, isLoopback(remote), resumes)
      .catch((error) => this.#refuse(error));
    const { id, answerSdp: sdp } = session;
    this.#log.info("offer answered", { session: id, remote, resumes });
    return { id, sdp };
  }

  async watch({ session: id, offer, remote }: WatchRequest): Promise<Answered> {
    const watcher = await this.#watchers
      .create(this.#find(id), offer, isLoopback(remote))
      .catch((error) => this.#refuse(error));
    this.#log.info("offer to watch answered", {
      session: id,
      watcher: watcher.id,
      remote,
    });
    return { id: watcher.id, sdp: watcher.answerSdp };
  }

  sessions(): Promise<SessionSnapshot[]> {
    return Promise.resolve(this.#sessions.list().map((s) => s.snapshot()));
  }

  // deno-lint-ignore require-await -- it rejects where it finds none
  async session(id: string): Promise<SessionSnapshot> {
    return this.#find(id).snapshot();
  }

  async endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    await this.#find(id).close(reason, code);
  }

  async endWatcher(
    session: string,
    id: string,
    reason: string,
  ): Promise<void> {
    const watcher = this.#watchers.get(this.#find(session), id);
    if (watcher === undefined) {
      throw new HostError(
        "no-watcher",
        `Session ${session} has no watcher ${id}`,
      );
    }
    await watcher.close(reason);
  }

  subscribe(
    { onConnected, onClosed, onWatcherClosed }: HostObserver,
  ): Disposable {
    const life = new DisposableStack();
    life.use(this.#watchers.subscribe({
      onClosed: ({ id: session }, { id, brokenLimit = null }) =>
        onWatcherClosed?.({ session, id, brokenLimit }),
    }));
    life.use(this.#sessions.subscribe({
      onConnected: (session) => onConnected?.(session.snapshot()),
      onClosed: (session, reason) =>
        onClosed?.(session.snapshot(), reason, session.endCode ?? "ended"),
    }));
    return life;
  }

  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    await Promise.all([
      this.#watchers.close(reason),
      this.#sessions.close(reason),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  #find(id: string): Session {
    const session = this.#sessions.get(id);
    if (session !== undefined) return session;
    throw new HostError("no-session", `There is no session ${id}`);
  }

  #refuse(cause: unknown): never {
    if (this.#closed !== undefined) {
      throw new HostError("closed", `No new sessions: ${this.#closed}`);
    }
    const why = cause instanceof Error ? cause.message : cause;
    const detail = `The offer can't be answered: ${why}`;
    throw new HostError("unanswerable", detail, { cause });
  }
}

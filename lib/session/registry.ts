import {
  DEFAULT_SESSION_LIMITS,
  type SessionLimits,
} from "../limits/session_limits.ts";
import type { Logger } from "../log.ts";
import type { SharedByPeers } from "./answered_peer.ts";
import type { NetworkOptions } from "../transport/network.ts";
import type { DrainingMessage } from "../wire/messages.ts";
import { randomId } from "./random_id.ts";
import { Session, type SessionEvents } from "./session.ts";

export interface SessionRegistryOptions {
  log: Logger;
  /** Called before a session is answered, to make its events. */
  events?(id: string): SessionEvents;
  session?: SessionSettings;
  /** What they share with the watchers. @default {each has its own} */
  shared?: SharedByPeers;
}

/** Settings that all sessions share: plain data. */
export interface SessionSettings {
  /** Time to connect in. @default {30_000} milliseconds */
  connectTimeoutMs?: number;
  /**
   * Silence after which the peer is taken for gone.
   * @default {9_000} milliseconds
   */
  silenceMs?: number;
  /** Largest IP packet to send, bytes. @default {1280} */
  mtu?: number;
  /** STUN and TURN servers, UDP ports, and the candidates that are taken. */
  network?: NetworkOptions;
  /** What is taken of a peer; those that are missing are the defaults. */
  limits?: Partial<SessionLimits>;
}

/** Most bytes of a frame of a session with such settings. */
export function frameBytesOf({ limits }: SessionSettings = {}): number {
  return limits?.frameBytes ?? DEFAULT_SESSION_LIMITS.frameBytes;
}

/** Observes the sessions of a registry. */
export interface SessionObserver {
  /** Called when an offer is answered: the session may connect. */
  onAnswered?(session: Session): void;
  /** Called when a session is connected, and may be watched. */
  onConnected?(session: Session): void;
  /** Called when an answered session is over. */
  onClosed?(session: Session, reason: string): void;
}

/** An offer, and what is known of its sender. */
export interface SessionOffer {
  /** The offer's SDP. */
  offer: string;
  /** Whether it came from this machine. */
  loopback: boolean;
  /**
   * Id of the session that the new one takes the place of, once it is
   * connected; an unknown one is passed over.
   */
  resumes?: string;
  /** Whether that is of another node, and isn't known here. */
  resumesElsewhere?: boolean;
  /** The address that it came from. */
  remote?: string;
  /** What the session is called. @default its id */
  name?: string;
}

/** A publisher without a peer connection. */
export type FedSession = Pick<SessionOffer, "remote" | "name">;

/** Time without a cloud after which such a one is over, milliseconds. */
const PAUSE_MS = 10_000;

/** What the registry remembers of a session that is over. */
interface EndedSession {
  /** Of each stream. */
  lastFrames: ReadonlyMap<string, number>;
  deleted: boolean;
}

/** Sessions that are over and may still be named by their clients. */
const MAX_ENDED = 1024;

/** The sessions that live: made from offers, gone when they end. */
export class SessionRegistry implements AsyncDisposable {
  readonly #options: SessionRegistryOptions;
  readonly #sessions = new Map<string, Session>();
  /** The last sessions that ended, oldest first. */
  readonly #ended = new Map<string, EndedSession>();
  readonly #observers = new Set<SessionObserver>();
  #bytesOfEnded = 0;
  #closed: string | undefined;
  #notice: DrainingMessage | undefined;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  /**
   * Answers an offer with a new session.
   *
   * @throws what `Session.answer` throws, and where the registry is closed.
   */
  async create(
    { resumes: named, resumesElsewhere: isFar, ...asked }: SessionOffer,
  ): Promise<Session> {
    const { offer, loopback, remote, name } = asked;
    const { log, events, session: settings, shared } = this.#options;
    const id = randomId();
    const sessionLog = log.child({ session: id, name, remote });
    const resumes = isFar || this.#knows(named) ? named : undefined;
    const session = await Session.answer(
      { ...settings, id, name, offer, loopback, remote, shared, resumes },
      events?.(id) ?? {},
      sessionLog,
    );
    if (this.#closed !== undefined) {
      // It closed while the answer was made.
      await session.close(this.#closed);
      throw closedError(this.#closed);
    }
    this.#add(session, sessionLog, resumes);
    return session;
  }

  /**
   * Makes a session whose messages `Session.fed` takes.
   *
   * @throws where the registry is closed.
   */
  open({ remote, name }: FedSession): Session {
    if (this.#closed !== undefined) throw closedError(this.#closed);
    const { log, events, session: { limits } = {} } = this.#options;
    const id = randomId();
    const sessionLog = log.child({ session: id, name, remote });
    const session = Session.open(
      { id, name, remote, limits, pauseMs: PAUSE_MS },
      events?.(id) ?? {},
      sessionLog,
    );
    this.#add(session, sessionLog);
    return session;
  }

  /**
   * Tells whether a session was ended by an operator, as far back as is known.
   */
  wasDeleted(id: string): boolean {
    return this.#ended.get(id)?.deleted ?? false;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The sessions that live, oldest first. */
  list(): Session[] {
    return [...this.#sessions.values()];
  }

  /** Bytes of points and media that all sessions received, also those over. */
  get bytesReceived(): number {
    return this.list().reduce(
      (sum, session) => sum + session.bytesReceived,
      this.#bytesOfEnded,
    );
  }

  /** Observes the sessions from now on, until it is disposed of. */
  subscribe(observer: SessionObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Announces the end to the peers of all sessions, and of those to come. */
  announce(notice: DrainingMessage): void {
    this.#notice = notice;
    for (const session of this.list()) session.announce(notice);
  }

  /** Ends every session, and makes no more. */
  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    const sessions = this.list();
    await Promise.all(sessions.map((s) => s.close(reason, "stopped")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }

  /** Takes a session in, until it is over. */
  #add(session: Session, log: Logger, resumes?: string): void {
    this.#sessions.set(session.id, session);
    if (this.#notice !== undefined) session.announce(this.#notice);
    void session.closed.then((reason) => this.#remove(session, reason, log));
    for (const observer of this.#observers) observer.onAnswered?.(session);
    void session.connected.then(() => {
      if (resumes !== undefined) this.#replace(resumes, session);
      for (const observer of this.#observers) observer.onConnected?.(session);
    });
  }

  #knows(id: string | undefined): boolean {
    return id !== undefined && (this.#sessions.has(id) || this.#ended.has(id));
  }

  /** Ends a session in favour of another, which goes on with its frames. */
  #replace(id: string, session: Session): void {
    const old = this.#sessions.get(id);
    const { lastFrames } = old ?? this.#ended.get(id) ?? {};
    if (lastFrames !== undefined) session.continueAfter(lastFrames);
    void old?.close(`replaced by session ${session.id}`, "replaced");
  }

  #remove(session: Session, reason: string, log: Logger): void {
    this.#sessions.delete(session.id);
    this.#bytesOfEnded += session.bytesReceived;
    // Histograms are for machines that ask for them.
    const { createdAt: _, latency: __, id, link, ...snapshot } = session
      .snapshot();
    this.#ended.set(id, {
      lastFrames: session.lastFrames,
      deleted: session.endCode === "deleted",
    });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED) this.#ended.delete(oldest);
    log.info("session closed", {
      reason,
      code: session.endCode,
      ...snapshot,
      roundTripMs: link.roundTripMs,
    });
    for (const observer of this.#observers) {
      observer.onClosed?.(session, reason);
    }
  }
}

function closedError(reason: string): Error {
  return new Error(`No new sessions are made: closed (${reason})`);
}

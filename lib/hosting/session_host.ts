/**
 * The border between HTTP and the sessions: only plain data crosses it, so that
 * sessions may live in this isolate or in Workers.
 */
import type { SessionLimit } from "../limits/limit_name.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";

/** An offer to publish. */
export interface PublishRequest {
  /** The offer's SDP. */
  offer: string;
  /** The address that it came from. */
  remote: string;
  /** Id of the session that the new one takes the place of. */
  resumes?: string;
}

/** An offer to watch a session. */
export interface WatchRequest {
  /** Id of the session. */
  session: string;
  /** The offer's SDP. */
  offer: string;
  /** The address that it came from. */
  remote: string;
}

/** What an offer is answered with. */
export interface Answered {
  /** Of the session, or of the watcher. */
  id: string;
  /** The answer's SDP, with all candidates. */
  sdp: string;
}

/** One who watched a session, or was to. */
export interface ClosedWatcher {
  /** Id of the session. */
  session: string;
  /** Id of the watcher. */
  id: string;
  /** The limit that it was ended for, where it was one. */
  brokenLimit: SessionLimit | null;
}

/** What is told of the sessions. */
export interface HostObserver {
  /** One has connected, and may be watched. */
  onConnected?(session: SessionSnapshot): void;
  /** One is over; `reason` is a clause. */
  onClosed?(session: SessionSnapshot, reason: string, code: ByeCode): void;
  /** One who had an answer to watch is gone. */
  onWatcherClosed?(watcher: ClosedWatcher): void;
}

/** How the Workers of a host are. */
export interface WorkerHealth {
  /** How many live. */
  alive: number;
  /** How many have died so far. */
  deaths: number;
}

/** Where sessions and those who watch them live. */
export interface SessionHost extends AsyncDisposable {
  /** None where it has no Workers. */
  readonly health?: WorkerHealth;
  /**
   * Answers an offer with a new session.
   *
   * @throws {HostError} `deleted`, `unanswerable`, `unreachable`, `draining` or
   * `closed`.
   */
  publish(request: PublishRequest): Promise<Answered>;
  /**
   * Answers an offer to watch a session.
   *
   * @throws {HostError} `no-session`, `unanswerable`, `unreachable`, `draining` or
   * `closed`.
   */
  watch(request: WatchRequest): Promise<Answered>;
  /** The sessions that live, oldest first. */
  sessions(): Promise<SessionSnapshot[]>;
  /**
   * Gives the state and the counters of one session.
   *
   * @throws {HostError} `no-session`.
   */
  session(id: string): Promise<SessionSnapshot>;
  /**
   * Ends a session; `reason` is a clause for people, `code` one for programs.
   *
   * @throws {HostError} `no-session`.
   */
  endSession(id: string, reason: string, code: ByeCode): Promise<void>;
  /**
   * Ends one watcher of a session; `reason` is a clause for people.
   *
   * @throws {HostError} `no-session` or `no-watcher`.
   */
  endWatcher(session: string, id: string, reason: string): Promise<void>;
  /** Tells of the sessions from now on, until it is disposed of. */
  subscribe(observer: HostObserver): Disposable;
  /**
   * Makes no more sessions and takes no more watchers, and tells the peers of
   * those there are that they end soon.
   *
   * @param seconds until they are closed.
   */
  drain(reason: string, seconds: number): Promise<void>;
  /** Ends every session, and makes no more. */
  close(reason: string): Promise<void>;
}

/** Why a host does not do what it is asked. */
export type HostErrorCode =
  /** There is no such session. */
  | "no-session"
  /** The session has no such watcher. */
  | "no-watcher"
  /** The session was deleted by an operator, and can't be resumed. */
  | "deleted"
  /** It can't be answered: something is wrong with the offer. */
  | "unanswerable"
  /** No sessions are made any more: those there are end soon. */
  | "draining"
  /** There is no way to it: no UDP port is free, or no TURN server answers. */
  | "unreachable"
  /** No sessions are made any more. */
  | "closed";

/** A host does not do what it is asked. */
export class HostError extends Error {
  /** The class, as `Error.name` has it. */
  override readonly name = "HostError";

  /** Makes an error; `message` is a sentence. */
  constructor(
    /** Which kind of refusal it is. */
    readonly code: HostErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Says that there is no such session. */
export function noSession(id: string): HostError {
  return new HostError("no-session", `There is no session ${id}`);
}

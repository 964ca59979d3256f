/**
 * The border between HTTP and the sessions: only plain data crosses it, so that
 * sessions may live in this isolate or in Workers.
 */
import type { Selection } from "../points/select.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";

/** An offer to publish. */
export interface PublishRequest {
  /** The offer's SDP; none of one who posts clouds. */
  offer?: string;
  /** The address that it came from. */
  remote: string;
  /** Id of the session that this one takes the place of. */
  resumes?: string;
  /** Whether that one is of another node. @default {false} */
  resumesElsewhere?: boolean;
  /** What the session is to be called. @default made of `machine` */
  name?: string;
  /** What the publisher's machine is called. @default its address */
  machine?: string;
  /** Who publishes it. @default {nobody that is known} */
  caller?: string;
}

/** An offer to watch a session. */
export interface WatchRequest {
  /** Id of the session. */
  session: string;
  /** The offer's SDP. */
  offer: string;
  /** The address that it came from. */
  remote: string;
  /** The part of clouds that is wanted. @default {all of them} */
  selection?: Selection;
}

/** What an offer is answered with. */
export interface Answered {
  /** Id of the session, or of the watcher. */
  id: string;
  /** Name of the session that was made; none for a watcher. */
  name?: string;
  /** The answer's SDP, with all candidates; empty where there was no offer. */
  sdp: string;
}

/** A watcher that is gone; it may never have connected. */
export interface ClosedWatcher {
  /** Id of the session. */
  session: string;
  /** Id of the watcher. */
  id: string;
  /** The limit that it was ended for, if any. */
  brokenLimit: SessionLimit | null;
}

/** Observes the sessions of a host. */
export interface HostObserver {
  /**
   * Called first of all for a session that lives on another node; `caller`
   * published it there, where callers are known.
   */
  onFound?(session: SessionSnapshot, caller?: string): void;
  /** Called when an offer to publish is answered: the session may connect. */
  onAnswered?(session: SessionSnapshot): void;
  /** Called when a session has connected, and may be watched. */
  onConnected?(session: SessionSnapshot): void;
  /** Called when a session is over; `reason` is a clause. */
  onClosed?(session: SessionSnapshot, reason: string, code: ByeCode): void;
  /** Called when a watcher that had an answer is gone. */
  onWatcherClosed?(watcher: ClosedWatcher): void;
}

/** How the Workers of a host are. */
export interface WorkerHealth {
  /** How many take sessions. */
  alive: number;
  /** How many have died so far, or did not come up. */
  deaths: number;
}

/**
 * Where sessions and their watchers live. Every call is plain data both ways.
 *
 * A new call has its place here, in `LocalHost`, which does it, and in the
 * table of `worker_messages.ts`; `WorkerHost` says which Worker does it.
 */
export interface SessionHost extends AsyncDisposable {
  /** Absent where there are no Workers. */
  readonly health?: WorkerHealth;
  /** Most bytes of a frame, of each of its sessions. */
  readonly frameBytes: number;
  /**
   * Answers an offer with a new session.
   *
   * @param posted takes the clouds of a publisher without an offer, whose
   * session is connected at once. The port is moved.
   * @throws {HostError} `name-taken`, `deleted`, `unanswerable`, `unusable`,
   * `unreachable`, `no-descriptors`, `no-worker`, `draining` or `closed`.
   */
  publish(request: PublishRequest, posted?: MessagePort): Promise<Answered>;
  /**
   * Answers an offer to watch a session.
   *
   * @param mirror where the session's feed comes from, if it lives on another
   * node. The port is moved.
   * @throws {HostError} `no-session`, `selections`, `unanswerable`, `unusable`,
   * `unreachable`, `no-descriptors`, `no-worker`, `draining` or `closed`.
   */
  watch(request: WatchRequest, mirror?: MessagePort): Promise<Answered>;
  /** Lists the sessions that live, oldest first. */
  sessions(): Promise<SessionSnapshot[]>;
  /**
   * Gives the state and the counters of one session.
   *
   * @throws {HostError} `no-session`, or `no-worker` as its Worker dies.
   */
  session(id: string): Promise<SessionSnapshot>;
  /**
   * Ends a session; `reason` is a clause for people, `code` one for programs.
   *
   * @throws {HostError} `no-session`, or `no-worker` as its Worker dies.
   */
  endSession(id: string, reason: string, code: ByeCode): Promise<void>;
  /**
   * Ends one watcher of a session; `reason` is a clause for people.
   *
   * @throws {HostError} `no-session`, `no-watcher`, or `no-worker` as its
   * Worker dies.
   */
  endWatcher(session: string, id: string, reason: string): Promise<void>;
  /**
   * Hands a session's feed to another isolate, where a `FeedMirror` has the
   * other end of the port. The port is moved.
   *
   * @param framesUnderWay that it takes at once, before newer ones win; 3
   * where nothing is said.
   * @throws {HostError} `no-session`, or `no-worker` as its Worker dies.
   */
  exportFeed(
    session: string,
    port: MessagePort,
    framesUnderWay?: number,
  ): Promise<void>;
  /** Observes the sessions from now on, until it is disposed of. */
  subscribe(observer: HostObserver): Disposable;
  /**
   * Takes no more sessions and watchers, and tells the peers that are there
   * that they end soon.
   *
   * @param seconds until they are closed.
   */
  drain(reason: string, seconds: number): Promise<void>;
  /** Ends every session, and makes no more. */
  close(reason: string): Promise<void>;
}

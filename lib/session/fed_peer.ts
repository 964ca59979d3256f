import { Histogram } from "../histogram.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import type { SessionLimits } from "../limits/session_limits.ts";
import { ROUND_TRIP_BOUNDS_S } from "../transport/link_monitor.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { AnsweredPeer, AnsweredPeerEvents } from "./answered_peer.ts";
import { SessionGuard } from "./session_guard.ts";
import type { LinkSnapshot, SessionState } from "./snapshot.ts";

/** What a session takes of its publisher's connection, whatever that is. */
export type SessionCall = Pick<
  AnsweredPeer,
  | "answerSdp"
  | "brokenLimit"
  | "channelClosed"
  | "close"
  | "closed"
  | "connected"
  | "connectedAt"
  | "endCode"
  | "guard"
  | "isClosing"
  | "link"
  | "remoteAddress"
  | "state"
  | "tell"
  | "unusedSections"
>;

/** Options of a {@linkcode FedPeer}. */
export interface FedPeerOptions {
  /** The address that what it says comes from. */
  remote?: string;
  /** Limits that it is held to. @default {DEFAULT_SESSION_LIMITS} */
  limits?: Partial<SessionLimits>;
  /** Time without a cloud after which it is over, milliseconds. */
  pauseMs: number;
}

/**
 * A publisher without a peer connection, whose messages somebody else carries.
 * It is connected from the start, and over when no cloud has come for a while.
 */
export class FedPeer implements SessionCall {
  readonly guard: SessionGuard;
  readonly closed: Promise<string>;
  readonly connected: Promise<void> = Promise.resolve();
  readonly connectedAt: Date = new Date();
  readonly remoteAddress: string | undefined;
  /** There is nothing to answer. */
  readonly answerSdp = "";
  readonly unusedSections = [];
  readonly #events: AnsweredPeerEvents;
  readonly #pauseMs: number;
  readonly #closed = Promise.withResolvers<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endCode: ByeCode | undefined;
  #brokenLimit: SessionLimit | undefined;

  /** Makes one; {@linkcode start} begins its life. */
  constructor(
    { remote, limits = {}, pauseMs }: FedPeerOptions,
    events: AnsweredPeerEvents,
  ) {
    this.remoteAddress = remote;
    this.#pauseMs = pauseMs;
    this.#events = events;
    this.closed = this.#closed.promise;
    this.guard = new SessionGuard(limits, (limit, reason) => {
      this.#brokenLimit = limit;
      void this.close(reason, "limit");
    });
  }

  /** It is connected. */
  start(): void {
    this.#events.onConnected(this.remoteAddress);
    this.heard();
  }

  /** A cloud has come: it isn't over yet. */
  heard(): void {
    clearTimeout(this.#timer);
    if (this.isClosing) return;
    const seconds = this.#pauseMs / 1000;
    this.#timer = setTimeout(
      () => void this.close(`no cloud came for ${seconds} s`, "ended"),
      this.#pauseMs,
    );
  }

  get state(): SessionState {
    return this.isClosing ? "closed" : "connected";
  }

  get isClosing(): boolean {
    return this.#endCode !== undefined;
  }

  /** There is no link to measure. */
  get link(): LinkSnapshot {
    const roundTrips = new Histogram(ROUND_TRIP_BOUNDS_S).snapshot();
    return { roundTripMs: null, roundTrips };
  }

  get endCode(): ByeCode | undefined {
    return this.#endCode;
  }

  get brokenLimit(): SessionLimit | undefined {
    return this.#brokenLimit;
  }

  /** It has no channels to say anything over. */
  tell(): void {}

  /** It has no channels that could be closed. */
  channelClosed(): void {}

  close(reason: string, code: ByeCode = "ended"): Promise<void> {
    if (this.isClosing) return Promise.resolve();
    this.#endCode = code;
    clearTimeout(this.#timer);
    this.guard[Symbol.dispose]();
    this.#events.onClosing(reason, code);
    this.#closed.resolve(reason);
    return Promise.resolve();
  }
}

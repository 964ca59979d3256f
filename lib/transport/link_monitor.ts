import type { RTCPeerConnection } from "werift";
import { Histogram } from "../histogram.ts";
import { refusalOf } from "./install.ts";
import { type LinkStats, readLinkStats } from "./link_stats.ts";
import { onDatagram } from "./werift/peer.ts";

export interface LinkMonitorOptions {
  /**
   * Silence after which the peer is taken for gone. One that lives sends at
   * least a consent check (RFC 7675) every 4 to 6 seconds, and answers ours;
   * werift itself gives up only after 30. By default it is missed within 10 s,
   * with the time between two looks. @default {9_000} milliseconds
   */
  silenceMs?: number;
  /** Whether something is under way that the peer answers at once. */
  isWaiting?(): boolean;
  /** The silence while something is. @default {silenceMs} */
  waitingSilenceMs?: number;
  /**
   * Sends something that the peer answers at once; called where nothing was
   * heard for a second.
   */
  ask?(): void;
}

/** Ranges that round-trip times are counted in: a wire to a satellite. */
export const ROUND_TRIP_BOUNDS_S: readonly number[] = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
];

/**
 * Silence after which a connection is dead on which DATA is not acknowledged: a
 * receiver acknowledges within 200 ms (RFC 9260 section 6.2), and by then it
 * had several retransmissions to answer.
 */
export const UNACKNOWLEDGED_SILENCE_MS = 4_000;

/** Silence after which the peer is asked for a sign of life, milliseconds. */
const ASKED_AFTER_MS = 1_000;

/** Time between two looks at the statistics, milliseconds. */
const INTERVAL_MS = 500;

/**
 * Watches a connection, up or not yet: its statistics, and whether the peer is
 * still there.
 */
export class LinkMonitor implements Disposable {
  /** Resolves with a clause that says how the peer was lost. */
  readonly lost: Promise<string>;
  /** Round-trip times of answered connectivity checks, seconds. */
  readonly roundTrips: Histogram = new Histogram(ROUND_TRIP_BOUNDS_S);
  #stats: LinkStats = {
    packetsReceived: 0,
    checksAnswered: 0,
    sameHost: false,
  };
  readonly #peer: RTCPeerConnection;
  readonly #options: LinkMonitorOptions;
  readonly #silenceMs: number;
  readonly #intervalMs: number;
  readonly #lost = Promise.withResolvers<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribers: (() => void)[];
  #packets = 0;
  #heardAt = performance.now();
  #checkedAt = this.#heardAt;
  /** Time since something was heard, and since nothing is under way. */
  #silentMs = 0;
  #waitingMs = 0;
  #isAsked = false;

  constructor(peer: RTCPeerConnection, options: LinkMonitorOptions = {}) {
    const { silenceMs = 9_000 } = options;
    this.#peer = peer;
    this.#options = options;
    this.#silenceMs = silenceMs;
    this.#intervalMs = Math.min(INTERVAL_MS, silenceMs / 4);
    this.lost = this.#lost.promise;
    const subscriptions = [
      peer.connectionStateChange.subscribe((state) => {
        if (state !== "failed" && state !== "closed") return;
        this.#lost.resolve(whyEnded(peer, state));
      }),
      // The two sides may have selected different pairs.
      onDatagram(peer, () => this.#heardAt = performance.now()),
    ];
    this.#unsubscribers = subscriptions.map((s) => s.unSubscribe);
    this.#timer = setInterval(() => void this.update(), this.#intervalMs);
  }

  /** When something came last, on the clock of `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The statistics of the last update. */
  get stats(): LinkStats {
    return this.#stats;
  }

  /** Reads the statistics now. */
  async update(): Promise<LinkStats> {
    const before = this.#stats;
    const now = await readLinkStats(this.#peer);
    this.#stats = {
      ...now,
      roundTripMs: now.roundTripMs ?? before.roundTripMs,
    };
    if (
      now.roundTripMs !== undefined &&
      now.checksAnswered > before.checksAnswered
    ) this.roundTrips.observe(now.roundTripMs / 1000);
    if (now.packetsReceived !== this.#packets) {
      this.#packets = now.packetsReceived;
      this.#heardAt = performance.now();
    }
    this.#checkSilence();
    return this.#stats;
  }

  #checkSilence(): void {
    const now = performance.now();
    // A look that comes late shows that we stood still; what came in that time
    // is still to be read.
    const passed = Math.min(now - this.#checkedAt, 2 * this.#intervalMs);
    this.#silentMs = this.#heardAt > this.#checkedAt
      ? Math.min(now - this.#heardAt, passed)
      : this.#silentMs + passed;
    this.#waitingMs = this.#options.isWaiting?.()
      ? this.#waitingMs + passed
      : 0;
    this.#checkedAt = now;
    this.#ask();
    const { waitingSilenceMs = this.#silenceMs } = this.#options;
    const unanswered = Math.min(this.#silentMs, this.#waitingMs);
    for (
      const [silence, limit] of [
        [this.#silentMs, this.#silenceMs],
        [unanswered, waitingSilenceMs],
      ]
    ) {
      if (silence < limit) continue;
      return this.#lost.resolve(`nothing came for ${limit / 1000} s`);
    }
  }

  /** Once in each silence. */
  #ask(): void {
    const isSilent = this.#silentMs >= ASKED_AFTER_MS;
    if (isSilent && !this.#isAsked) this.#options.ask?.();
    this.#isAsked = isSilent;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribers) unsubscribe();
  }
}

/** A clause. */
function whyEnded(
  peer: RTCPeerConnection,
  state: "failed" | "closed",
): string {
  const refusal = refusalOf(peer)?.message;
  if (refusal !== undefined) return refusal[0].toLowerCase() + refusal.slice(1);
  return state === "failed"
    ? "the connection failed"
    : "the connection was closed";
}

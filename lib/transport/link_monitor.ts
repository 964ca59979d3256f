import type { RTCPeerConnection } from "werift";
import { type LinkStats, readLinkStats } from "./link_stats.ts";

export interface LinkMonitorOptions {
  /**
   * Silence after which the peer is taken for gone. One that lives sends at
   * least a consent check (RFC 7675) every 4 to 6 seconds; werift itself gives
   * up only after 30. @default {10_000} milliseconds
   */
  silenceMs?: number;
}

/** Watches a connected peer: its statistics, and whether it is still there. */
export class LinkMonitor implements Disposable {
  /** Resolves with a clause that says how the peer was lost. */
  readonly lost: Promise<string>;
  #stats: LinkStats = { packetsReceived: 0, sameHost: false };
  readonly #peer: RTCPeerConnection;
  readonly #silenceMs: number;
  readonly #lost = Promise.withResolvers<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribers: (() => void)[];
  #packets = 0;
  #heard = 0;
  #heardAt = performance.now();

  constructor(peer: RTCPeerConnection, options: LinkMonitorOptions = {}) {
    const { silenceMs = 10_000 } = options;
    this.#peer = peer;
    this.#silenceMs = silenceMs;
    this.lost = this.#lost.promise;
    const subscriptions = [
      peer.connectionStateChange.subscribe((state) => {
        if (state === "failed") this.#lost.resolve("the connection failed");
        if (state === "closed") this.#lost.resolve("the connection was closed");
      }),
      // The two sides may have selected different pairs.
      ...peer.iceTransports.map(({ connection }) =>
        connection.onData.subscribe(() => this.#packets++)
      ),
    ];
    this.#unsubscribers = subscriptions.map((s) => s.unSubscribe);
    const interval = Math.min(1000, silenceMs / 4);
    this.#timer = setInterval(() => void this.update(), interval);
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
    const heard = now.packetsReceived + this.#packets;
    if (heard !== this.#heard) {
      this.#heard = heard;
      this.#heardAt = performance.now();
    } else if (performance.now() - this.#heardAt >= this.#silenceMs) {
      this.#lost.resolve(`nothing came for ${this.#silenceMs / 1000} s`);
    }
    return this.#stats;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribers) unsubscribe();
  }
}

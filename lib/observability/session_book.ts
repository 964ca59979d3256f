import type { HostObserver, SessionHost } from "../hosting/session_host.ts";
import { BYE_CODES, type ByeCode } from "../wire/messages.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import {
  addTotals,
  laterTotals,
  noTotals,
  type SessionTotals,
  totalsOf,
} from "./session_totals.ts";

/** What the book says at one moment. */
export interface SessionAccount {
  /** The sessions that live. */
  sessions: SessionSnapshot[];
  /** Of all sessions, those that are over with them; they never get less. */
  totals: SessionTotals;
  /** How many sessions have connected. */
  connected: number;
  /** How many are over, by how they ended. */
  closed: Record<ByeCode, number>;
}

/**
 * Keeps the sums of all sessions of a host, those that are over with them: no
 * count goes back when a session ends, or when a host loses one.
 */
export class SessionBook implements Disposable {
  readonly #host: SessionHost;
  readonly #subscription: Disposable;
  #ended = noTotals();
  /** The last that is known of each that isn't over. */
  readonly #living = new Map<string, SessionTotals>();
  /**
   * For each look that is under way, the sessions that ended since it began.
   */
  readonly #looks = new Set<Set<string>>();
  #connected = 0;
  readonly #closed = Object.fromEntries(
    BYE_CODES.map((code) => [code, 0]),
  ) as Record<ByeCode, number>;

  constructor(host: SessionHost) {
    this.#host = host;
    this.#subscription = host.subscribe({
      onConnected: () => this.#connected++,
      onClosed: (...end) => this.#close(...end),
    });
  }

  /** Asks the host how its sessions are. */
  async read(): Promise<SessionAccount> {
    const over = new Set<string>();
    this.#looks.add(over);
    try {
      const all = await this.#host.sessions();
      const sessions = all.filter(({ id }) => !over.has(id));
      for (const session of sessions) {
        this.#living.set(session.id, this.#later(session));
      }
      return {
        sessions,
        totals: [...this.#living.values()].reduce(addTotals, this.#ended),
        connected: this.#connected,
        closed: { ...this.#closed },
      };
    } finally {
      this.#looks.delete(over);
    }
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #close(
    ...[session, , code]: Parameters<NonNullable<HostObserver["onClosed"]>>
  ): void {
    for (const over of this.#looks) over.add(session.id);
    this.#ended = addTotals(this.#ended, this.#later(session));
    this.#living.delete(session.id);
    this.#closed[code]++;
  }

  /** Two answers of a host may overtake each other. */
  #later(session: SessionSnapshot): SessionTotals {
    const known = this.#living.get(session.id);
    const totals = totalsOf(session);
    return known === undefined ? totals : laterTotals(known, totals);
  }
}

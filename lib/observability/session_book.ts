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
  /** The same by what the sessions are called, as far as there is room. */
  byName: Map<string, SessionTotals>;
  /** How many sessions have connected. */
  connected: number;
  /** How many are over, by how they ended. */
  closed: Record<ByeCode, number>;
}

/** Names that are told apart: each is a time series or more of a monitor's. */
const MAX_NAMES = 200;
/** Stands for all others; as a session's name it is one of them. */
const OTHER_NAMES = "other";

/** What is known of one session. */
interface Known {
  name: string;
  totals: SessionTotals;
}

/**
 * Keeps the sums of all sessions of a host, those that are over with them: no
 * count goes back when a session ends, or when a host loses one.
 */
export class SessionBook implements Disposable {
  readonly #host: SessionHost;
  readonly #subscription: Disposable;
  readonly #endedByName = new Map<string, SessionTotals>();
  readonly #names = new Set<string>();
  /** The last that is known of each that isn't over. */
  readonly #living = new Map<string, Known>();
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
        this.#living.set(session.id, this.#known(session));
      }
      const byName = new Map(this.#endedByName);
      for (const known of this.#living.values()) addTo(byName, known);
      return {
        sessions,
        totals: [...byName.values()].reduce(addTotals, noTotals()),
        byName,
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
    addTo(this.#endedByName, this.#known(session));
    this.#living.delete(session.id);
    this.#closed[code]++;
  }

  /** Two answers of a host may overtake each other. */
  #known(session: SessionSnapshot): Known {
    const before = this.#living.get(session.id)?.totals;
    const totals = totalsOf(session);
    return {
      name: this.#label(session),
      totals: before === undefined ? totals : laterTotals(before, totals),
    };
  }

  /** Names are the first that came; who makes up ever new ones is counted. */
  #label({ name }: SessionSnapshot): string {
    if (!this.#names.has(name) && this.#names.size >= MAX_NAMES) {
      return OTHER_NAMES;
    }
    this.#names.add(name);
    return name;
  }
}

function addTo(
  byName: Map<string, SessionTotals>,
  { name, totals }: Known,
): void {
  byName.set(name, addTotals(byName.get(name) ?? noTotals(), totals));
}

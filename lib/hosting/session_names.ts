import { nameFrom, numberedName } from "../session_name.ts";
import { HostError } from "./host_error.ts";
import type { PublishRequest, SessionHost } from "./session_host.ts";

/** Sessions of a name that are known: each took the place of another. */
const MAX_IDS = 16;
/** Sessions that are over and whose ids are no names yet. */
const MAX_ENDED = 1_000;

/** Who has a name. */
interface Holder {
  /** The session that is watched by it; none until the first is answered. */
  current?: string;
  /** When that was connected, ISO 8601, UTC; none where it wasn't. */
  since?: string;
  /** Those that live: the current one, and one that takes its place soon. */
  live: Set<string>;
  /** The last that had it, those that are over with them; oldest first. */
  ids: string[];
  /** Offers that are being answered. */
  reserved: number;
}

/** A name that is kept while an offer is answered. */
export interface ReservedName extends Disposable {
  readonly name: string;
}

/**
 * The names of the sessions that live. A name is one session's at a time; the
 * one that resumes it has it next, from when it is connected on.
 */
export class SessionNames {
  readonly #holders = new Map<string, Holder>();
  /** Ids of the sessions that live, and of the last that are over. */
  readonly #ids = new Set<string>();
  readonly #ended = new Set<string>();

  /** Follows the sessions of a host, which must be told their names. */
  constructor(host: Pick<SessionHost, "subscribe">) {
    host.subscribe({
      onAnswered: ({ id, name }) => {
        this.#ids.add(id);
        const holder = this.#holderOf(name);
        holder.live.add(id);
        holder.ids = [...holder.ids, id].slice(-MAX_IDS);
        holder.current ??= id;
      },
      onConnected: ({ id, name, connectedAt }) => {
        const holder = this.#holders.get(name);
        if (!holder?.live.has(id)) return;
        // Of two nodes that knew nothing of each other, the newer one's.
        if ((connectedAt ?? "") < (holder.since ?? "")) return;
        holder.current = id;
        holder.since = connectedAt ?? undefined;
      },
      onClosed: ({ id, name }) => {
        this.#noteEnded(id);
        const holder = this.#holders.get(name);
        if (holder === undefined) return;
        holder.live.delete(id);
        if (holder.current === id) {
          [holder.current] = holder.live;
          holder.since = undefined;
        }
        this.#forget(name);
      },
    });
  }

  /** Gives the id of the session that has a name; an id stays as it is. */
  idOf(nameOrId: string): string {
    if (this.#ids.has(nameOrId)) return nameOrId;
    return this.#holders.get(nameOrId)?.current ?? nameOrId;
  }

  /**
   * Keeps a name for a session that is about to be made: the one that is asked
   * for, else the one that it had, else one made of its machine's name.
   *
   * @param taken no name is made up that is one of these.
   * @throws {HostError} `name-taken` where it is asked for and another has it.
   */
  reserve(
    { name: asked, machine, resumes, remote }: PublishRequest,
    taken: ReadonlySet<string> = new Set(),
  ): ReservedName {
    if (asked !== undefined && !this.#isFree(asked, resumes)) {
      throw new HostError(
        "name-taken",
        `The name ${asked} is in use: another session has it until it ends`,
      );
    }
    const name = asked ?? this.#unused(
      nameFrom(machine ?? remote),
      (name) => !taken.has(name) && this.#isFree(name, resumes),
    );
    this.#holderOf(name).reserved++;
    let isKept = true;
    return {
      name,
      [Symbol.dispose]: () => {
        if (isKept) this.#holderOf(name).reserved--;
        isKept = false;
        this.#forget(name);
      },
    };
  }

  #unused(base: string, isFree: (name: string) => boolean): string {
    if (isFree(base)) return base;
    let number = 2;
    while (!isFree(numberedName(base, number))) number++;
    return numberedName(base, number);
  }

  #isFree(name: string, resumes: string | undefined): boolean {
    // Nobody is called by what names another's session.
    if (this.#ids.has(name)) return false;
    const holder = this.#holders.get(name);
    if (holder === undefined) return true;
    return resumes !== undefined && holder.ids.includes(resumes);
  }

  #holderOf(name: string): Holder {
    const known = this.#holders.get(name);
    if (known !== undefined) return known;
    const holder = { live: new Set<string>(), ids: [], reserved: 0 };
    this.#holders.set(name, holder);
    return holder;
  }

  #noteEnded(id: string): void {
    this.#ended.add(id);
    if (this.#ended.size <= MAX_ENDED) return;
    const [oldest] = this.#ended;
    this.#ended.delete(oldest);
    this.#ids.delete(oldest);
  }

  #forget(name: string): void {
    const holder = this.#holders.get(name);
    if (holder === undefined || holder.reserved > 0) return;
    if (holder.live.size === 0) this.#holders.delete(name);
  }
}

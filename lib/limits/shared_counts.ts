import type { RequestLimit } from "./limit_name.ts";

/** Limits of who may have how much: what other servers have counts, too. */
export const SHARED_LIMITS = [
  "sessions-per-address",
  "connecting-per-address",
  "watchers",
  "watchers-per-address",
  "event-streams-per-address",
  "foxglove-clients-per-address",
] as const satisfies RequestLimit[];

/** A limit that several servers hold together. */
export type SharedLimit = typeof SHARED_LIMITS[number];

/** A word in which a server tells others of its counts: plain data. */
export interface ToldCounts {
  /** Number of the word, from 1. */
  word: number;
  /** Number of the last word of others that was heard, by server. */
  heard: Record<string, number>;
  /** Whether what isn't there is zero, or else as it was. */
  isAll: boolean;
  /** By limit and key, such as an address. */
  counts: Partial<Record<SharedLimit, Record<string, number>>>;
  /** Offers by address, since it was told last. */
  offers: Record<string, number>;
}

/** Whether there is a place; `"soon"` when the others know of the last ones. */
export type Vacancy = "free" | "soon" | "full";

/** Most keys of a limit that are told, and kept of another server. */
const MAX_KEYS = 512;
/** Most characters of a key: those of a file's name, and some. */
const MAX_KEY_CHARACTERS = 300;
/** Most of a key that another server may have. */
const MAX_COUNT = 1_000_000;
/** Words that are told in a life: 20 a second for a hundred years. */
const MAX_WORDS = 2 ** 40;

/** What this server has of a key. */
interface Own {
  count: number;
  /** As the others were told last, and with which word. */
  told: { count: number; word: number };
  /** The first of what they were told that not all have heard. */
  settling?: { count: number; word: number };
  /** As all of them have heard. */
  settled: number;
}

type Entry = readonly [limit: SharedLimit, key: string, own: Own];
type ByLimit<T> = Map<SharedLimit, Map<string, T>>;

/** Another server. */
interface Other {
  counts: ByLimit<number>;
  /** Its last word up to which none was lost; whether it is to hear that. */
  word: number;
  isToHear: boolean;
  /** Our last word that it has heard. */
  heard: number;
}

/**
 * What several servers have of the same limits, as far as they tell each other.
 * Nobody waits for another: of what is left each takes no more than its part
 * before all have heard of it. So together they take few too many, mostly one
 * each at most.
 */
export class SharedCounts {
  readonly #own = emptyCounts<Own>();
  readonly #unsettled = new Set<Entry>();
  readonly #others = new Map<string, Other>();
  #offers = new Map<string, number>();
  readonly #takers = new Set<(address: string, offers: number) => void>();
  #word = 0;

  /** Notes how many this server has of a key from now on. */
  note(limit: SharedLimit, key: string, count: number): void {
    const counts = this.#own.get(limit)!;
    const own: Own = counts.get(key) ??
      { count: 0, told: { count: 0, word: 0 }, settled: 0 };
    if (isSettled(own)) this.#unsettled.add([limit, key, own]);
    own.count = count;
    own.settled = Math.min(own.settled, count);
    counts.set(key, own);
  }

  /** Notes an offer that this server took. */
  noteOffer(address: string): void {
    this.#offers.set(address, (this.#offers.get(address) ?? 0) + 1);
  }

  /** Calls `take` with what offers other servers took. */
  onOffers(take: (address: string, offers: number) => void): void {
    this.#takers.add(take);
  }

  /** Tells whether there is a place of a key, of which all have `max`. */
  vacancy(limit: SharedLimit, key: string, max: number): Vacancy {
    const { count = 0, settled = 0 } = this.#own.get(limit)!.get(key) ?? {};
    let elsewhere = 0;
    for (const other of this.#others.values()) {
      elsewhere += other.counts.get(limit)!.get(key) ?? 0;
    }
    if (count + elsewhere >= max) return "full";
    const servers = this.#others.size + 1;
    const part = Math.ceil((max - settled - elsewhere) / servers);
    return count - settled < part ? "free" : "soon";
  }

  /** What has changed since it was asked for; nothing where nothing has. */
  changes(): ToldCounts | undefined {
    const counts: ToldCounts["counts"] = {};
    const word = this.#word + 1;
    let keys = 0;
    for (const [limit, key, own] of this.#unsettled) {
      if (own.told.count === own.count) continue;
      if (++keys > MAX_KEYS) break;
      (counts[limit] ??= {})[key] = own.count;
      tell(own, word);
    }
    this.#settle();
    const isNothing = keys === 0 && this.#offers.size === 0 &&
      !this.#others.values().some(({ isToHear }) => isToHear);
    return isNothing ? undefined : this.#say({ isAll: false, counts });
  }

  /** All that there is, of many keys those of the most. */
  all(): ToldCounts {
    const counts: ToldCounts["counts"] = {};
    for (const [limit, own] of this.#own) {
      if (own.size > 0) counts[limit] = largest(own, ({ count }) => count);
    }
    for (const other of this.#others.values()) other.isToHear = true;
    return this.#say({ isAll: true, counts });
  }

  /**
   * Takes what another server tells.
   *
   * @param me what that calls this one.
   * @returns whether it is one that wasn't known.
   */
  take(server: string, told: Partial<ToldCounts>, me: string): boolean {
    const known = this.#others.get(server);
    const other = known ??
      { counts: emptyCounts(), word: 0, isToHear: true, heard: 0 };
    if (told.isAll === true) other.counts = emptyCounts();
    for (const limit of SHARED_LIMITS) {
      const counts = other.counts.get(limit)!;
      for (const [key, count] of entriesOf(told.counts?.[limit])) {
        if (count === 0) counts.delete(key);
        else if (counts.has(key) || counts.size < MAX_KEYS) {
          counts.set(key, count);
        }
      }
    }
    this.#others.set(server, other);
    const word = wordOf(told.word);
    if (told.isAll === true || word === other.word + 1) other.word = word;
    other.heard = Math.max(other.heard, wordOf(told.heard?.[me]));
    // That words were heard needn't be heard, or there would be no end.
    other.isToHear ||= isAny(told.counts) && told.isAll !== true;
    this.#settle();
    for (const [address, offers] of entriesOf(told.offers)) {
      for (const take of this.#takers) take(address, offers);
    }
    return known === undefined;
  }

  /** Forgets the servers that are gone. */
  keep(servers: ReadonlySet<string>): void {
    for (const server of this.#others.keys()) {
      if (!servers.has(server)) this.#others.delete(server);
    }
    this.#settle();
  }

  #say(
    { isAll, counts }: Pick<ToldCounts, "isAll" | "counts">,
  ): ToldCounts {
    const heard: ToldCounts["heard"] = {};
    for (const [server, other] of this.#others) {
      if (other.isToHear) heard[server] = other.word;
      other.isToHear = false;
    }
    const offers = largest(this.#offers, (offers) => offers);
    this.#offers.clear();
    return { word: ++this.#word, heard, isAll, counts, offers };
  }

  /** Looks what all others have heard of. */
  #settle(): void {
    const heard = this.#others.values()
      .reduce((least, other) => Math.min(least, other.heard), Infinity);
    for (const entry of this.#unsettled) {
      const [limit, key, own] = entry;
      while (own.settling && own.settling.word <= heard) {
        own.settled = Math.min(own.settling.count, own.count);
        own.settling = own.settling === own.told ? undefined : own.told;
      }
      if (!isSettled(own)) continue;
      this.#unsettled.delete(entry);
      if (own.count === 0) this.#own.get(limit)!.delete(key);
    }
  }
}

function emptyCounts<T>(): ByLimit<T> {
  return new Map(SHARED_LIMITS.map((limit) => [limit, new Map()]));
}

function tell(own: Own, word: number): void {
  own.told = { count: own.count, word };
  own.settling ??= own.told;
}

function isSettled({ count, told, settling }: Own): boolean {
  return count === told.count && settling === undefined;
}

function isAny(counts: unknown): boolean {
  return typeof counts === "object" && counts !== null &&
    Object.keys(counts).length > 0;
}

/** The number of a word, as another server says it. */
function wordOf(said: unknown): number {
  const isWord = typeof said === "number" && said >= 0 && said <= MAX_WORDS;
  return isWord ? said : 0;
}

/** The keys of the most, as they are told. */
function largest<T>(
  all: ReadonlyMap<string, T>,
  countOf: (value: T) => number,
): Record<string, number> {
  const counts = [...all].map(([key, value]) => [key, countOf(value)] as const);
  if (counts.length > MAX_KEYS) counts.sort(([, a], [, b]) => b - a);
  return Object.fromEntries(counts.slice(0, MAX_KEYS));
}

/** What can be counted of what another server says. */
function entriesOf(said: unknown): [string, number][] {
  if (typeof said !== "object" || said === null) return [];
  return Object.entries(said).slice(0, MAX_KEYS).filter(([key, count]) =>
    key.length <= MAX_KEY_CHARACTERS && Number.isInteger(count) &&
    count >= 0 && count <= MAX_COUNT
  );
}

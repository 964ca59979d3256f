import {
  listOf,
  MAX_KEYS,
  MAX_WORDS,
  type Pairs,
  pairsOf,
  SHARED_LIMITS,
  type SharedLimit,
  type ToldCounts,
  wordOf,
} from "./told_counts.ts";

/** Whether there is a place; `"soon"` when the others know of the last ones. */
export type Vacancy = "free" | "soon" | "full";

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
    const counts = new Map<SharedLimit, Pairs>();
    const word = this.#word + 1;
    let keys = 0;
    for (const [limit, key, own] of this.#unsettled) {
      if (own.told.count === own.count) continue;
      if (++keys > MAX_KEYS) break;
      const pairs = counts.get(limit) ?? [];
      pairs.push([key, own.count]);
      counts.set(limit, pairs);
      tell(own, word);
    }
    this.#settle();
    const isNothing = keys === 0 && this.#offers.size === 0 &&
      !this.#others.values().some(({ isToHear }) => isToHear);
    return isNothing
      ? undefined
      : this.#say({ isAll: false, counts: [...counts] });
  }

  /** All that there is, of many keys those of the most. */
  all(): ToldCounts {
    const counts = [...this.#own].filter(([, own]) => own.size > 0)
      .map(([limit, own]): ToldCounts["counts"][number] => [
        limit,
        largest(own, ({ count }) => count),
      ]);
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
    for (const [limit, pairs] of listOf(told.counts)) {
      const counts = other.counts.get(limit);
      if (counts === undefined) continue;
      for (const [key, count] of pairsOf(pairs)) {
        if (count === 0) counts.delete(key);
        else if (counts.has(key) || counts.size < MAX_KEYS) {
          counts.set(key, count);
        }
      }
    }
    this.#others.set(server, other);
    const word = wordOf(told.word);
    if (told.isAll === true || word === other.word + 1) other.word = word;
    const heard = pairsOf(told.heard, MAX_WORDS).find(([name]) => name === me);
    if (heard !== undefined) other.heard = Math.max(other.heard, heard[1]);
    // That words were heard needn't be heard, or there would be no end.
    other.isToHear ||= told.isAll !== true && listOf(told.counts).length > 0;
    this.#settle();
    for (const [address, offers] of pairsOf(told.offers)) {
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
    const heard: Pairs = [];
    for (const [server, other] of this.#others) {
      if (other.isToHear) heard.push([server, other.word]);
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

/** The keys of the most, as they are told. */
function largest<T>(
  all: ReadonlyMap<string, T>,
  countOf: (value: T) => number,
): Pairs {
  const counts = [...all].map(([key, value]): Pairs[number] => [
    key,
    countOf(value),
  ]);
  if (counts.length > MAX_KEYS) counts.sort(([, a], [, b]) => b - a);
  return counts.slice(0, MAX_KEYS);
}

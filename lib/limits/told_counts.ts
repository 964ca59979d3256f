/** The words in which servers tell each other what they have of limits. */
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

/** Numbers by keys: no object, whose keys would be a stranger's words. */
export type Pairs = [key: string, number: number][];

/** A word in which a server tells others of its counts: plain data. */
export interface ToldCounts {
  /** Number of the word, from 1. */
  word: number;
  /** Number of the last word of others that was heard, by server. */
  heard: Pairs;
  /** Whether what isn't there is zero, or else as it was. */
  isAll: boolean;
  /** By limit and key, such as an address. */
  counts: [limit: SharedLimit, of: Pairs][];
  /** Offers by address, since it was told last. */
  offers: Pairs;
}

/** Most keys of a limit that are told, and kept of another server. */
export const MAX_KEYS = 512;
/** Most characters of a key: those of a file's name, and some. */
const MAX_KEY_CHARACTERS = 300;
/** Most of a key that another server may have. */
const MAX_COUNT = 1_000_000;
/** Words that are told in a life: 20 a second for a hundred years. */
export const MAX_WORDS = 2 ** 40;

/** The number of a word, as another server says it. */
export function wordOf(said: unknown): number {
  const isWord = typeof said === "number" && said >= 0 && said <= MAX_WORDS;
  return isWord ? said : 0;
}

/** What another server says, as far as it is a list of lists. */
export function listOf<T extends unknown[]>(said: T[] | undefined): T[] {
  return Array.isArray(said) ? said.filter((one) => Array.isArray(one)) : [];
}

/** What can be counted of what another server says. */
export function pairsOf(said: Pairs | undefined, most = MAX_COUNT): Pairs {
  return listOf(said).slice(0, MAX_KEYS).filter(([key, count]) =>
    typeof key === "string" && key.length <= MAX_KEY_CHARACTERS &&
    Number.isInteger(count) && count >= 0 && count <= most
  );
}

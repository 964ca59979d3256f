import type { Posted } from "./posted_clouds.ts";

/** Has a session take what is posted. */
export interface Poster {
  /**
   * Posts a cloud, whose bytes are moved.
   *
   * @returns what is wrong with it, in a sentence, where it can't be read.
   * @throws {HostError} where its session is over.
   */
  post(posted: Posted): Promise<string | undefined>;
}

/** Sessions of other nodes that clouds are posted to, and ours to them. */
export interface FarPosting {
  /** Tells whether a session lives on another node. */
  has(session: string): boolean;
  /** Posts to a session of another node. */
  posterOf(session: string): Poster;
  /**
   * Lets other nodes post to sessions of this one.
   *
   * @param posterOf throws a `HostError` for one that isn't posted to.
   */
  lend(posterOf: (session: string) => Poster): void;
}

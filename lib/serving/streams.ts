import { type Access, covers, forbidden, type Right } from "./access.ts";

/** Sessions of which each took the place of the one before. */
interface Stream {
  caller: string | undefined;
  ids: Set<string>;
}

/** Sessions that are over and remembered: their clients may come back. */
const MAX_ENDED = 1_000;

/**
 * Who published which session. One that resumes another is the same stream: who
 * may watch the one may watch the other.
 */
export class Streams {
  readonly #live = new Map<string, Stream>();
  readonly #ended = new Map<string, Stream>();

  /** Takes a session that was made. */
  opened(id: string, { caller }: Access, resumes?: string): void {
    const before = resumes === undefined ? undefined : this.#find(resumes);
    const stream = before ?? { caller, ids: new Set() };
    stream.ids.add(id);
    this.#live.set(id, stream);
  }

  /** Takes that a session is over. */
  closed(id: string): void {
    const stream = this.#live.get(id);
    if (stream === undefined) return;
    this.#live.delete(id);
    this.#ended.set(id, stream);
    if (this.#ended.size <= MAX_ENDED) return;
    const [oldest] = this.#ended.keys();
    this.#ended.get(oldest)?.ids.delete(oldest);
    this.#ended.delete(oldest);
  }

  /** Tells whether a right is held for a session. */
  covers(access: Access, right: Right, id: string): boolean {
    return covers(access, right, this.#find(id)?.ids ?? [id]);
  }

  /**
   * Checks that a session is the caller's own, or one that it may end.
   *
   * @throws {HttpProblem} 403.
   */
  checkOwn(access: Access, id: string): void {
    const stream = this.#find(id);
    if (stream === undefined || stream.caller === access.caller) return;
    if (this.covers(access, "operate", id)) return;
    throw forbidden(`The session ${id} was published by somebody else`);
  }

  #find(id: string): Stream | undefined {
    return this.#live.get(id) ?? this.#ended.get(id);
  }
}

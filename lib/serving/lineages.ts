import type { SessionSnapshot } from "../session/snapshot.ts";
import { type Access, covers, forbidden, type Right } from "./access.ts";

/**
 * Sessions of which each took the place of the one before, and their publisher.
 */
interface Lineage {
  caller: string | undefined;
  ids: Set<string>;
  /** What the last of them is called. */
  name: string | undefined;
}

/** Sessions that are over and remembered: their clients may come back. */
const MAX_ENDED = 1_000;

/**
 * Knows who published which session. One that resumes another is of its
 * lineage: a right to watch the one holds for the other.
 */
export class Lineages {
  readonly #live = new Map<string, Lineage>();
  readonly #ended = new Map<string, Lineage>();

  /** Adds a session that was made. */
  opened(
    { id, name }: { id: string; name?: string },
    { caller }: Access,
    resumes?: string,
  ): void {
    const before = resumes === undefined ? undefined : this.#find(resumes);
    const lineage = before ?? { caller, ids: new Set(), name };
    lineage.ids.add(id);
    lineage.name = name;
    this.#live.set(id, lineage);
  }

  /** Adds a session of another node, which `caller` published there. */
  found(session: SessionSnapshot, caller: string | undefined): void {
    const { resumes, id } = session;
    // It is this node's own where that knows more than the other.
    if (this.#live.has(id)) return;
    this.opened(session, { caller, rights: {} }, resumes ?? undefined);
  }

  /** Keeps a session that is over, for some time. */
  closed(id: string): void {
    const lineage = this.#live.get(id);
    if (lineage === undefined) return;
    this.#live.delete(id);
    this.#ended.set(id, lineage);
    if (this.#ended.size <= MAX_ENDED) return;
    const [oldest] = this.#ended.keys();
    this.#ended.get(oldest)?.ids.delete(oldest);
    this.#ended.delete(oldest);
  }

  /** Tells whether a right is held for a session. */
  covers(access: Access, right: Right, id: string): boolean {
    const lineage = this.#find(id);
    if (lineage === undefined) return covers(access, right, [id]);
    const { ids, name } = lineage;
    return covers(access, right, name === undefined ? ids : [...ids, name]);
  }

  /**
   * Checks that a session is the caller's own, or one that it may end.
   *
   * @throws {HttpProblem} 403.
   */
  checkOwn(access: Access, id: string): void {
    const lineage = this.#find(id);
    if (lineage === undefined || lineage.caller === access.caller) return;
    if (this.covers(access, "operate", id)) return;
    throw forbidden(`The session ${id} was published by somebody else`);
  }

  #find(id: string): Lineage | undefined {
    return this.#live.get(id) ?? this.#ended.get(id);
  }
}

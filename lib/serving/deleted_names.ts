import { HostError } from "../hosting/host_error.ts";

/** How long one that was deleted is not made again, after the last try. */
const DELETED_MS = 10_000;
/** Names that are remembered. */
const MAX_DELETED = 1_000;

/**
 * Names of sessions that an operator deleted: a program that goes on posting
 * would undo that.
 */
export class DeletedNames {
  /** When each was last asked for, the longest time ago first. */
  readonly #names = new Map<string, number>();

  /** Notes one that was deleted just now. */
  note(name: string): void {
    this.#names.delete(name);
    this.#names.set(name, performance.now());
    const [oldest] = this.#names.keys();
    if (this.#names.size > MAX_DELETED) this.#names.delete(oldest);
  }

  /** @throws {HostError} `deleted` for one that was, not long ago. */
  refuse(name: string): void {
    const at = this.#names.get(name);
    if (at === undefined) return;
    if (performance.now() - at > DELETED_MS) {
      this.#names.delete(name);
      return;
    }
    this.note(name);
    throw new HostError(
      "deleted",
      `The session ${name} was deleted: it can be made again when nothing ` +
        `was posted to it for ${DELETED_MS / 1000} s`,
    );
  }
}

import { LimitError } from "../limits/limit_error.ts";
import type { ListQuery, RecordingPage } from "./recording_library.ts";

/** Most lists that are made, or wait for that. */
const MAX_LISTS = 16;
/** When a refused caller may ask again, seconds. */
const RETRY_AFTER_S = 10;

/**
 * Holds lists, each of which may read many files, to a number. Those who ask
 * the same wait for the same list: one that wasn't begun before they asked.
 */
export class PendingLists {
  readonly #make: (query: ListQuery) => Promise<RecordingPage>;
  readonly #begun = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Promise<RecordingPage>>();

  constructor(make: (query: ListQuery) => Promise<RecordingPage>) {
    this.#make = make;
  }

  /** @throws {LimitError} where too many are asked for. */
  async list(query: ListQuery): Promise<RecordingPage> {
    const { session, before, limit, called } = query;
    const key = JSON.stringify([
      session,
      before?.name,
      before?.at,
      limit,
      called,
    ]);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return await waiting;
    if (this.#begun.size + this.#waiting.size >= MAX_LISTS) {
      throw new LimitError(
        "recording-lists",
        `The server makes all the lists that it may make at once (${MAX_LISTS})`,
        RETRY_AFTER_S,
      );
    }
    const begun = this.#begun.get(key);
    if (begun === undefined) return await this.#begin(key, query);
    const next = begun.then(() => {
      this.#waiting.delete(key);
      return this.#begin(key, query);
    });
    this.#waiting.set(key, next);
    return await next;
  }

  #begin(key: string, query: ListQuery): Promise<RecordingPage> {
    const page = this.#make(query);
    const end = () => void this.#begun.delete(key);
    this.#begun.set(key, page.then(end, end));
    return page;
  }
}

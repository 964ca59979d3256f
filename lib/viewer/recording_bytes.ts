/** The bytes of a recording, as the server has it. */
import { Backoff } from "../backoff.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { whyRefused } from "./read_problem.ts";

export interface RecordingBytesOptions {
  /** The file's name. */
  name: string;
  fetch: AuthorizedFetch;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** How long a server that is away is asked again, milliseconds. */
const PATIENCE_MS = 30_000;

/** Statuses of a server that may answer later (RFC 9110, RFC 6585). */
const LATER = [429, 502, 503, 504];

/** The server refuses; its message is a sentence. */
class RefusedError extends Error {
  override name = "RefusedError";
}

/** Reads ranges of one file. */
export class RecordingBytes implements Disposable {
  readonly #url: string;
  readonly #fetch: AuthorizedFetch;
  readonly #clock: Clock;
  #wanted = new AbortController();

  constructor({ name, fetch, clock = SYSTEM_CLOCK }: RecordingBytesOptions) {
    this.#url = `/recordings/${encodeURIComponent(name)}`;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /**
   * Tells how many bytes there are.
   *
   * @throws {Error} in the server's words where it has no such file.
   */
  async size(): Promise<number> {
    const response = await this.#get(0, 1, this.#wanted.signal);
    await response.body?.cancel();
    const total = response.headers.get("content-range")?.split("/").at(-1);
    return Number(total);
  }

  /**
   * Reads some bytes; a server that is away is asked again for a while.
   *
   * @throws {Error} with why they don't come.
   */
  async read(
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { signal } = this.#wanted;
    const clock = this.#clock;
    const patience = { tries: 1, budgetMs: PATIENCE_MS };
    const backoff = new Backoff(patience, clock.now());
    while (true) {
      try {
        return await (await this.#get(offset, length, signal)).bytes();
      } catch (error) {
        const isOver = error instanceof RefusedError ||
          backoff.isOver(clock.now());
        if (isOver || signal.aborted) throw error;
      }
      await clock.sleep(backoff.next(clock.now()), signal);
      signal.throwIfAborted();
    }
  }

  /** Ends what is being read. */
  cancel(): void {
    this.#wanted.abort();
    this.#wanted = new AbortController();
  }

  [Symbol.dispose](): void {
    this.#wanted.abort();
  }

  async #get(
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const response = await this.#fetch(this.#url, {
      headers: { range: `bytes=${offset}-${offset + length - 1}` },
      cache: "no-store",
      signal,
    });
    if (response.status === 206) return response;
    if (response.ok) {
      await response.body?.cancel();
      throw new RefusedError("The server gives no ranges of it");
    }
    const why = await whyRefused(response);
    if (LATER.includes(response.status)) throw new Error(why);
    throw new RefusedError(why);
  }
}

/** Tells the server how much of its answer was read. */
import { ClockComparison, type ClockOffset } from "../wire/clock_offset.ts";
import type { AuthorizedFetch } from "./authorized_fetch.ts";

/** Time between two reports, milliseconds. */
const EVERY_MS = 100;

export interface ReadReportsOptions {
  fetch: AuthorizedFetch;
  signal: AbortSignal;
  /** Whether the page is hidden, whose timers are late. @default {never} */
  isHidden?(): boolean;
}

/**
 * Reports what is read, so that the server has no more under way than comes
 * through soon: of what waits there, newer things take the place.
 */
export class ReadReports implements Disposable {
  /** Names the reading; nobody guesses it. */
  readonly id: string;
  readonly #options: ReadReportsOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #bytes = 0;
  #reported = 0;
  #isBusy = false;
  #isOver = false;
  readonly #clocks = new ClockComparison();

  constructor(options: ReadReportsOptions) {
    this.#options = options;
    const random = crypto.getRandomValues(new Uint32Array(4));
    this.id = Array.from(random, (word) => `${word}`.padStart(10, "0")).join(
      "",
    );
    this.#timer = setInterval(() => void this.#report(), EVERY_MS);
  }

  /** How far the server's clock is ahead; nothing before the first answer. */
  get serverClock(): ClockOffset | undefined {
    return this.#clocks.best;
  }

  /** Gives a body on, and counts what is read of it. */
  count(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return body.pipeThrough(
      new TransformStream({
        transform: (bytes, controller) => {
          this.#bytes += bytes.length;
          if (this.#options.isHidden?.()) void this.#report();
          controller.enqueue(bytes);
        },
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  async #report(): Promise<void> {
    const bytes = this.#bytes;
    if (this.#isBusy || this.#isOver || bytes === this.#reported) return;
    this.#isBusy = true;
    try {
      await this.#tell(bytes);
      this.#reported = bytes;
    } catch {
      // The next one says as much, unless it is all over.
      return;
    } finally {
      this.#isBusy = false;
    }
    if (this.#options.isHidden?.()) void this.#report();
  }

  async #tell(bytes: number): Promise<void> {
    const { fetch, signal } = this.#options;
    const origin = Date.now();
    const response = await fetch(`/readings/${this.id}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ bytes }),
      signal,
    });
    const { receive, transmit } = await response.json();
    if (!Number.isFinite(receive) || !Number.isFinite(transmit)) return;
    this.#clocks.add({ origin, receive, transmit, arrival: Date.now() });
  }
}

/** Asks a server whether it is there, again and again. */
import { ask } from "../soak/visitor.ts";

/** Time between two questions, milliseconds. */
const PERIOD_MS = 50;
/** Time after which no answer is waited for, milliseconds. */
const PATIENCE_MS = 30_000;
/** Most questions at once: a server that stands still has enough of them. */
const MOST_AT_ONCE = 40;

/** How a server answered over some time. */
export interface Answers {
  /** Longest time that an answer took, or is waited for, milliseconds. */
  worstMs: number;
  /** Questions without an answer. */
  unanswered: number;
}

/** Asks for `/healthz` over a new connection each time. */
export class HealthProbe implements Disposable {
  readonly #url: string;
  readonly #timer: ReturnType<typeof setInterval>;
  /** When those were asked that wait for an answer. */
  readonly #open = new Set<number>();
  #answers: Answers = { worstMs: 0, unanswered: 0 };

  /** @param url of the server. */
  constructor(url: string) {
    this.#url = `${url}/healthz`;
    this.#timer = setInterval(() => void this.#ask(), PERIOD_MS);
  }

  /** What was seen since the last time; it begins anew. */
  take(): Answers {
    const { worstMs, unanswered } = this.#answers;
    const oldest = Math.min(...this.#open, performance.now());
    this.#answers = { worstMs: 0, unanswered: 0 };
    return {
      worstMs: Math.max(worstMs, performance.now() - oldest),
      unanswered,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    if (this.#open.size >= MOST_AT_ONCE) return;
    const started = performance.now();
    this.#open.add(started);
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const response = await ask(this.#url, { signal });
      await response.body?.cancel();
      if (!response.ok) this.#answers.unanswered++;
    } catch {
      this.#answers.unanswered++;
    }
    this.#open.delete(started);
    const took = performance.now() - started;
    this.#answers.worstMs = Math.max(this.#answers.worstMs, took);
  }
}

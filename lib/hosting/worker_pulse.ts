/** Options of {@linkcode WorkerPulse}. */
export interface WorkerPulseOptions {
  /** Time between two looks, milliseconds. */
  lookMs: number;
  /** Asks the Worker for something. */
  look(): void;
  /** Time that its first answer may take, milliseconds. @default {ten looks} */
  startMs?: number;
  /** Called once, where nothing has been heard for ten looks. */
  onSilent(why: string): void;
}

/** Looks without an answer after which a Worker is taken for dead. */
const MAX_UNANSWERED = 10;

/**
 * Looks whether a Worker still answers: one that has closed itself says nothing
 * of it.
 */
export class WorkerPulse implements Disposable {
  readonly #options: WorkerPulseOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #unanswered = 0;
  /** Silence from which on it is taken for dead. */
  #mostMs: number;

  constructor(options: WorkerPulseOptions) {
    this.#options = options;
    this.#mostMs = options.startMs ?? MAX_UNANSWERED * options.lookMs;
    this.#timer = setInterval(() => this.#look(), options.lookMs);
  }

  /** Takes note of an answer: any will do. */
  hear(): void {
    this.#unanswered = 0;
    this.#mostMs = MAX_UNANSWERED * this.#options.lookMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { lookMs, look, onSilent } = this.#options;
    if (this.#unanswered++ * lookMs < this.#mostMs) return look();
    this[Symbol.dispose]();
    onSilent(`it did not answer for ${this.#mostMs / 1000} s`);
  }
}

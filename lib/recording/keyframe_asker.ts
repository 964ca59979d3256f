import type { MediaFrame } from "../media/frame.ts";

/** Longest time without a keyframe, milliseconds. */
const DEFAULT_MS = 10_000;

/**
 * Asks for a keyframe where none has come for long: who opens a recording in
 * the middle sees nothing before one, and a browser makes none by itself.
 */
export class KeyframeAsker {
  readonly #ask: () => void;
  readonly #everyMs: number;
  #lastAt: number | undefined;

  constructor(ask: () => void, everyMs = DEFAULT_MS) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /**
   * Tells it of the next frame.
   *
   * @param now milliseconds that don't go back.
   */
  see({ kind, keyframe }: MediaFrame, now: number): void {
    if (kind !== "video") return;
    if (keyframe) this.#lastAt = now;
    this.#lastAt ??= now;
    if (now - this.#lastAt < this.#everyMs) return;
    this.#lastAt = now;
    this.#ask();
  }
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface GarbageCollectorOptions {
  /**
   * How soon after an end it is looked at what is left.
   * @default {10_000} milliseconds
   */
  soonMs?: number;
  /** Shortest time between two collections. @default {30_000} milliseconds */
  apartMs?: number;
}

/** What may lie about, bytes: V8 collects that itself as it is needed. */
const RISE_BYTES = 48 * 1024 * 1024;

/**
 * Has V8 collect what sessions that are over have left behind, where that is
 * much. V8 collects as memory is asked for, which a server that is calm again
 * hardly does: what a burst took would stay taken for many minutes.
 *
 * It is of one isolate, and stops that: for 100 ms where 100 MiB are in use.
 */
export class GarbageCollector implements Disposable {
  readonly #soonMs: number;
  readonly #apartMs: number;
  #collect: (() => void) | undefined;
  #floor = bytesInUse();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #collectedAt = -Infinity;

  constructor(
    { soonMs = 10_000, apartMs = 30_000 }: GarbageCollectorOptions = {},
  ) {
    this.#soonMs = soonMs;
    this.#apartMs = apartMs;
  }

  /** Takes note that something large may be garbage now. */
  later(): void {
    if (this.#timer !== undefined) return;
    const since = performance.now() - this.#collectedAt;
    const ms = Math.max(this.#soonMs, this.#apartMs - since);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    if (bytesInUse() < this.#floor + RISE_BYTES) return;
    this.#collect ??= findCollect();
    this.#collect();
    this.#floor = bytesInUse();
    this.#collectedAt = performance.now();
  }
}

/** Objects, and the buffers beside them, of this isolate. */
function bytesInUse(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** V8's own collection, which only a flag shows to programs. */
function findCollect(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

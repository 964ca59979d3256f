/** The way by HTTP, which all players of a page share. */

/**
 * Sessions that are played at once where each takes a connection of its own: a
 * browser has six to a server, of which one is for events, and one for all that
 * is asked otherwise.
 */
const MOST_ALONE = 4;

/** For so long WebRTC isn't tried again, milliseconds. */
const NO_WAY_MS = 60_000;

export interface HttpWayOptions {
  /** How the page came, as `h2`: from HTTP/2 on all share one connection. */
  protocol: string;
  /** Milliseconds that only go up. @default {performance.now} */
  now?(): number;
}

/** Knows how many sessions are played by HTTP, and whether that is needed. */
export class HttpWay {
  readonly #most: number;
  readonly #now: () => number;
  #taken = 0;
  #neededAt = -Infinity;

  constructor({ protocol, now = () => performance.now() }: HttpWayOptions) {
    this.#most = /^h[23]/.test(protocol) ? Infinity : MOST_ALONE;
    this.#now = now;
  }

  /** Whether nothing else got through a short time ago. */
  get isNeeded(): boolean {
    return this.#taken > 0 || this.#now() - this.#neededAt < NO_WAY_MS;
  }

  /**
   * Takes a connection, until it is disposed of; nothing where the browser has
   * no more of them.
   */
  take(): Disposable | undefined {
    if (this.#taken >= this.#most) return undefined;
    this.#taken++;
    return {
      [Symbol.dispose]: () => {
        this.#taken--;
        this.#neededAt = this.#now();
      },
    };
  }
}

/** Tells how the page came, in the words of ALPN; nothing where unknown. */
export function pageProtocol(): string {
  const [page] = performance.getEntriesByType("navigation");
  const { nextHopProtocol = "" } = (page ?? {}) as { nextHopProtocol?: string };
  return nextHopProtocol;
}

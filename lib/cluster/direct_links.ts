import type { Logger } from "../log.ts";
import { randomId } from "../session/random_id.ts";
import { type FeedPath, type FeedPathEvents, socketPath } from "./feed_path.ts";

/** Where nodes take each other's links, below their URLs. */
export const LINKS_PATH = "/cluster/links/";

/** Time for a link that was asked for to come, milliseconds. */
const PATIENCE_MS = 2_000;
/** How long a node that can't be reached isn't tried again, milliseconds. */
const SHUNNED_MS = 60_000;
/** Most links that are waited for, and most nodes that aren't tried. */
const MAX_EXPECTED = 1_000;

/** What is done with a link that is waited for. */
export interface ExpectedLink {
  /** Called where it comes; it is open. */
  accept(socket: WebSocket): void;
  /** Called where it doesn't. */
  giveUp(): void;
}

interface Expected extends ExpectedLink {
  timer: ReturnType<typeof setTimeout>;
}

/**
 * The WebSockets between this node and others. Whoever was told over the bus
 * what a link is called may open it, once and soon: the name is a secret of 128
 * bits.
 */
export class DirectLinks implements Disposable {
  readonly #log: Logger;
  readonly #expected = new Map<string, Expected>();
  /** URLs of nodes that could not be reached, and until when. */
  readonly #shunned = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Waits for a link, unless too many are waited for. */
  expect(link: string, { accept, giveUp }: ExpectedLink): void {
    if (this.#expected.size >= MAX_EXPECTED) return giveUp();
    const timer = setTimeout(() => this.take(link)?.giveUp(), PATIENCE_MS);
    this.#expected.set(link, { accept, giveUp, timer });
  }

  /** Takes what is waited for; nothing where it isn't. */
  take(link: string): ExpectedLink | undefined {
    const expected = this.#expected.get(link);
    if (expected === undefined) return undefined;
    clearTimeout(expected.timer);
    this.#expected.delete(link);
    return expected;
  }

  /** Tells whether a node may be reached by its URL, as far as is known. */
  mayReach(url: string): boolean {
    const until = this.#shunned.get(url) ?? -Infinity;
    if (performance.now() >= until) this.#shunned.delete(url);
    return !this.#shunned.has(url);
  }

  /**
   * Opens a link to a node.
   *
   * @param ask has the node expect a link of that name; what it throws is
   * thrown here.
   * @returns nothing where the node can't be reached.
   */
  async open(
    url: string,
    events: FeedPathEvents,
    ask: (link: string) => Promise<void>,
  ): Promise<FeedPath | undefined> {
    const link = randomId();
    await ask(link);
    const socket = socketTo(url, link);
    if (socket === undefined) return this.#shun(url);
    const path = socketPath(socket, events);
    const opened = Promise.withResolvers<boolean>();
    socket.onopen = () => opened.resolve(true);
    socket.onclose = () => opened.resolve(false);
    const timer = setTimeout(() => opened.resolve(false), PATIENCE_MS);
    const isOpen = await opened.promise;
    clearTimeout(timer);
    if (isOpen) {
      socket.onclose = events.onClosed;
      return Object.assign(path, { distrust: () => this.#shun(url) });
    }
    path[Symbol.dispose]();
    return this.#shun(url);
  }

  [Symbol.dispose](): void {
    for (const link of [...this.#expected.keys()]) this.take(link)?.giveUp();
  }

  #shun(url: string): undefined {
    const why = "node can't be reached by its URL: its feeds come over NATS";
    this.#log.info(why, { url });
    const now = performance.now();
    this.#shunned.delete(url);
    // The first of them were shunned first.
    for (const [other, until] of this.#shunned) {
      if (now < until && this.#shunned.size < MAX_EXPECTED) break;
      this.#shunned.delete(other);
    }
    this.#shunned.set(url, now + SHUNNED_MS);
  }
}

function socketTo(node: string, link: string): WebSocket | undefined {
  const url = URL.parse(node);
  if (url === null) return undefined;
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.pathname = url.pathname.replace(/\/$/, "") + LINKS_PATH + link;
  try {
    return new WebSocket(url);
  } catch {
    // Its permissions may leave that machine out.
    return undefined;
  }
}

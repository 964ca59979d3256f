import type {
  FeedCarrier,
  FromExport,
  FromMirror,
} from "../hosting/feed_carrier.ts";
import { HostError } from "../hosting/host_error.ts";
import type { Logger } from "../log.ts";
import { FeedReader } from "./feed_codec.ts";
import type { FeedPath, FeedPathEvents } from "./feed_path.ts";
import type { FeedCounts } from "./feed_sender.ts";
import { jsonBytes } from "./json.ts";
import { ReplayFilter } from "./replay_filter.ts";

/** A link that says nothing for so long is made again, milliseconds. */
const SILENCE_MS = 3_000;
/** Time between two looks at that, and between two tries, milliseconds. */
const LOOK_MS = 500;

export interface FeedReceiverOptions {
  /** Whether the session's node can be asked for anything just now. */
  canAsk(): boolean;
  /** Most bytes of a frame. */
  frameBytes: number;
  /** Makes a path, over which the session's node sends the feed. */
  open(events: FeedPathEvents): Promise<FeedPath>;
  counts: FeedCounts;
  log: Logger;
}

/** One link: what comes over another is of no use any more. */
interface Link {
  reader: FeedReader;
  /** None while it is made. */
  path?: FeedPath;
  hasSpoken: boolean;
  /** What was said meanwhile. */
  unsent: FromMirror[];
}

/**
 * The carrier of a feed that comes from another node. Where a message is lost,
 * or NATS is, it makes another link: the mirror misses what came meanwhile, and
 * is given nothing twice.
 */
export class FeedReceiver implements FeedCarrier<FromMirror, FromExport> {
  /** Resolves when the session's node sends for the first time. */
  readonly opened: Promise<void>;
  readonly #options: FeedReceiverOptions;
  readonly #filter = new ReplayFilter();
  readonly #timer: ReturnType<typeof setInterval>;
  #take: (message: FromExport) => void = () => {};
  #link: Link | undefined;
  #isOpening = false;
  #isOver = false;
  #heardAt = performance.now();

  constructor(options: FeedReceiverOptions) {
    this.#options = options;
    options.counts.feeds++;
    this.opened = this.#open();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  listen(take: (message: FromExport) => void): void {
    this.#take = take;
  }

  send(message: FromMirror): void {
    const link = this.#link;
    if (link?.path !== undefined) link.path.send(jsonBytes(message));
    else link?.unsent.push(message);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.counts.feeds--;
    clearInterval(this.#timer);
    this.#leave();
  }

  async #open(): Promise<void> {
    const { frameBytes, open } = this.#options;
    const reader = new FeedReader(frameBytes);
    const link: Link = { reader, hasSpoken: false, unsent: [] };
    this.#leave();
    this.#link = link;
    this.#isOpening = true;
    this.#heardAt = performance.now();
    try {
      const path = await open({
        onMessage: (bytes) => this.#receive(link, bytes),
        onClosed: () => this.#closed(link),
      });
      if (link === this.#link) this.#use(link, path);
      else leave(path);
    } catch (error) {
      // Nothing comes over it: the next look tries again.
      if (link === this.#link) this.#leave();
      throw error;
    } finally {
      this.#isOpening = false;
    }
  }

  #use(link: Link, path: FeedPath): void {
    link.path = path;
    for (const message of link.unsent.splice(0)) this.send(message);
  }

  /** Another link is made at the next look. */
  #closed(link: Link): void {
    if (link !== this.#link) return;
    if (!link.hasSpoken) link.path?.distrust?.();
    this.#leave();
  }

  #receive(link: Link, bytes: Uint8Array): void {
    if (link !== this.#link) return;
    link.hasSpoken = true;
    this.#options.counts.bytes += bytes.length;
    this.#heardAt = performance.now();
    try {
      const messages = link.reader.take(bytes);
      // Another link is made at the next look: not as often as one breaks.
      if (messages === undefined) return this.#leave();
      for (const message of messages) this.#hand(message);
    } catch (error) {
      this.#options.log.warn("feed of another node can't be read", { error });
      this.#end("its node sends what can't be read");
    }
  }

  #hand(message: FromExport): void {
    if (this.#filter.isNew(message)) return this.#take(message);
    if (message.type === "frame") this.send({ type: "taken" });
  }

  #look(): void {
    if (this.#isOpening || !this.#options.canAsk()) return;
    const silence = performance.now() - this.#heardAt;
    if (this.#link !== undefined && silence < SILENCE_MS) return;
    this.#link?.path?.distrust?.();
    this.#options.log.debug("feed of another node is asked for again");
    this.#open().catch((error) => {
      const isGone = error instanceof HostError && error.code === "no-session";
      if (isGone) this.#end("the session is over");
    });
  }

  /** @param reason is a clause. */
  #end(reason: string): void {
    if (!this.#isOver) this.#take({ type: "end", reason, code: "lost" });
  }

  #leave(): void {
    const path = this.#link?.path;
    this.#link = undefined;
    if (path !== undefined) leave(path);
  }
}

/** Says that it is over; what is told later goes nowhere. */
function leave(path: FeedPath): void {
  path.send(jsonBytes({ type: "leave" } satisfies FromMirror));
  path[Symbol.dispose]();
}

import {
  carryByPort,
  declineFeed,
  type FromExport,
  type FromMirror,
} from "../hosting/feed_carrier.ts";
import { FeedExport } from "../hosting/feed_link.ts";
import { type AskedFeed, SessionFeeds } from "../hosting/session_feeds.ts";
import type { HostObserver, SessionHost } from "../hosting/session_host.ts";
import type { Logger } from "../log.ts";
import { randomId } from "../session/random_id.ts";
import type { Bus } from "./bus.ts";
import { DirectLinks } from "./direct_links.ts";
import {
  busPath,
  type FeedPath,
  type FeedPathEvents,
  socketPath,
} from "./feed_path.ts";
import { FeedReceiver } from "./feed_receiver.ts";
import { type FeedCounts, FeedSender } from "./feed_sender.ts";
import type { Subjects } from "./subjects.ts";

export interface ClusterFeedsOptions {
  bus: Bus;
  subjects: Subjects;
  /** Where this node's sessions live. */
  local: Pick<SessionHost, "exportFeed" | "frameBytes">;
  /** Tells of the sessions of other nodes. */
  far: { subscribe(observer: HostObserver): Disposable };
  /** Where the node of a session is reached, where it says. */
  urlOf(session: string): string | undefined;
  /**
   * Has the node of a session send its feed over a link.
   *
   * @param isDirect it is a WebSocket that this node opens; else NATS'.
   */
  open(session: string, link: string, isDirect: boolean): Promise<void>;
  log: Logger;
}

/**
 * The feeds that cross from node to node. One comes once a session, however
 * many watch it here, and for as long as somebody does.
 */
export class ClusterFeeds implements Disposable {
  readonly sent: FeedCounts = { feeds: 0, bytes: 0 };
  readonly received: FeedCounts = { feeds: 0, bytes: 0 };
  readonly #options: ClusterFeedsOptions;
  readonly #feeds: SessionFeeds;
  readonly #senders = new Set<FeedSender>();
  /** The links between nodes that are not NATS'. */
  readonly links: DirectLinks;

  constructor(options: ClusterFeedsOptions) {
    this.#options = options;
    this.links = new DirectLinks(options.log);
    this.#feeds = new SessionFeeds({
      subscribe: (observer) => options.far.subscribe(observer),
      ask: (session) => this.#ask(session),
    });
  }

  /**
   * Hands the feed of another node's session to another isolate.
   *
   * @returns what ends that.
   * @throws {HostError} `no-session` or `no-node`.
   */
  async export(
    session: string,
    port: MessagePort,
    framesUnderWay?: number,
  ): Promise<Disposable> {
    const lease = await this.#feeds.open(session);
    const { feed, closed } = lease;
    const watched = {
      ...{ id: session, feed, closed },
      get endCode() {
        return lease.goodbye?.code;
      },
    };
    const carrier = carryByPort<FromExport, FromMirror>(port);
    const close = () => {
      carrier.close();
      lease[Symbol.dispose]();
    };
    return new FeedExport(watched, { ...carrier, close }, framesUnderWay);
  }

  /**
   * Sends the feed of one of this node's sessions to another node.
   *
   * @param isDirect once the WebSocket of that name is opened; else over NATS.
   * @throws {HostError} `no-session`.
   */
  async send(session: string, link: string, isDirect: boolean): Promise<void> {
    const { bus, subjects, local } = this.#options;
    const { port1, port2 } = new MessageChannel();
    await local.exportFeed(session, port1);
    const start = (open: (events: FeedPathEvents) => FeedPath) => {
      const sender = new FeedSender({
        ...{ open, counts: this.sent },
        from: carryByPort<FromMirror, FromExport>(port2),
        onEnd: () => this.#senders.delete(sender),
      });
      this.#senders.add(sender);
    };
    if (isDirect) {
      this.links.expect(link, {
        accept: (socket) => start((events) => socketPath(socket, events)),
        giveUp: () => declineFeed(port2),
      });
    } else {
      const [sends, takes] = [subjects.feed(link), subjects.back(link)];
      start((events) => busPath(bus, { sends, takes }, events));
    }
  }

  /** Ends all. */
  [Symbol.dispose](): void {
    this.#feeds[Symbol.dispose]();
    this.links[Symbol.dispose]();
    for (const sender of this.#senders) sender[Symbol.dispose]();
  }

  #ask(session: string): AskedFeed {
    const { bus, local, log } = this.#options;
    const carrier = new FeedReceiver({
      frameBytes: local.frameBytes,
      canAsk: () => bus.isConnected,
      open: (events) => this.#open(session, events),
      counts: this.received,
      log: log.child({ session }),
    });
    return { carrier, exported: carrier.opened };
  }

  /** Makes the shortest path there is to the node of a session. */
  async #open(session: string, events: FeedPathEvents): Promise<FeedPath> {
    const { bus, subjects, urlOf, open } = this.#options;
    const url = urlOf(session);
    if (url !== undefined && this.links.mayReach(url)) {
      const ask = (link: string) => open(session, link, true);
      const path = await this.links.open(url, events, ask);
      if (path !== undefined) return path;
    }
    const link = randomId();
    const [sends, takes] = [subjects.back(link), subjects.feed(link)];
    // What is sent first comes before the answer.
    const path = busPath(bus, { sends, takes }, events);
    try {
      await open(session, link, false);
      return path;
    } catch (error) {
      path[Symbol.dispose]();
      throw error;
    }
  }
}

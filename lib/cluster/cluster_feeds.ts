import {
  carryByPort,
  type FromExport,
  type FromMirror,
} from "../hosting/feed_carrier.ts";
import { FeedExport } from "../hosting/feed_link.ts";
import { type AskedFeed, SessionFeeds } from "../hosting/session_feeds.ts";
import type { HostObserver, SessionHost } from "../hosting/session_host.ts";
import type { Logger } from "../log.ts";
import type { Bus } from "./bus.ts";
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
  /** Has the node of a session send its feed over a link. */
  open(session: string, link: string): Promise<void>;
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

  constructor(options: ClusterFeedsOptions) {
    this.#options = options;
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
   * @throws {HostError} `no-session`.
   */
  async send(session: string, link: string): Promise<void> {
    const { bus, subjects, local } = this.#options;
    const { port1, port2 } = new MessageChannel();
    await local.exportFeed(session, port1);
    const sender = new FeedSender({
      ...{ bus, subjects, link, counts: this.sent },
      from: carryByPort<FromMirror, FromExport>(port2),
      onEnd: () => this.#senders.delete(sender),
    });
    this.#senders.add(sender);
  }

  /** Ends all. */
  [Symbol.dispose](): void {
    this.#feeds[Symbol.dispose]();
    for (const sender of this.#senders) sender[Symbol.dispose]();
  }

  #ask(session: string): AskedFeed {
    const { bus, subjects, local, open, log } = this.#options;
    const carrier = new FeedReceiver({
      ...{ bus, subjects, frameBytes: local.frameBytes },
      open: (link) => open(session, link),
      counts: this.received,
      log: log.child({ session }),
    });
    return { carrier, exported: carrier.opened };
  }
}

import type { FarPosting } from "../hosting/far_posting.ts";
import { HostError, noWatcher } from "../hosting/host_error.ts";
import type { RecordingControl } from "../hosting/recording_control.ts";
import type {
  Answered,
  HostObserver,
  PublishRequest,
  SessionHost,
  WatchRequest,
  WorkerHealth,
} from "../hosting/session_host.ts";
import type { SharedCounts } from "../limits/shared_counts.ts";
import type { Logger } from "../log.ts";
import { RecordingFolder } from "../recording/recording_folder.ts";
import type { RecordingLibrary } from "../recording/recording_library.ts";
import { randomId } from "../session/random_id.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { ByeCode } from "../wire/messages.ts";
import { Announcer } from "./announcements.ts";
import type { Bus } from "./bus.ts";
import { answerCalls } from "./calls.ts";
import { ClusterFeeds } from "./cluster_feeds.ts";
import { ClusterLibrary } from "./cluster_library.ts";
import { ClusterLimits } from "./cluster_limits.ts";
import type { DirectLinks } from "./direct_links.ts";
import { ClusterPublishing } from "./cluster_publishing.ts";
import { ClusterRecordings } from "./cluster_recordings.ts";
import { FarPosts } from "./far_posts.ts";
import { answerPieces } from "./far_files.ts";
import type { FeedCounts } from "./feed_sender.ts";
import { NameClaims } from "./name_claims.ts";
import { Neighbours } from "./neighbours.ts";
import { nodeCalls } from "./node_calls.ts";
import { Subjects } from "./subjects.ts";

/** What a node joins a cluster with. */
export interface ClusterOptions {
  /** What carries messages between nodes; it is closed with the node. */
  bus: Bus;
  /** The cluster's name: letters, digits, `-` and `_`. */
  cluster: string;
  /** What people call this node. */
  node: string;
  /** Where clients reach this node. @default {none are sent here} */
  url?: string;
}

/** What a node counts of its cluster. */
export interface ClusterCounts {
  readonly isConnected: boolean;
  /** Other nodes. */
  readonly nodes: number;
  /** Sessions of other nodes. */
  readonly sessions: number;
  /** Feeds that come from other nodes. */
  readonly received: Readonly<FeedCounts>;
  /** Feeds that go to other nodes. */
  readonly sent: Readonly<FeedCounts>;
}

/**
 * A node of a cluster: its own sessions, which live in the host below, and
 * those of all other nodes, which it asks for what they do. While NATS is lost
 * its own go on.
 */
export class ClusterHost implements SessionHost {
  /** What records sessions, each on the node that it lives on. */
  readonly recordings: ClusterRecordings;
  /** The recordings of all nodes. */
  readonly library: RecordingLibrary;
  /** The sessions that clouds are posted to, of all nodes. */
  readonly posting: FarPosting;
  readonly #bus: Bus;
  readonly #local: SessionHost;
  readonly #announcer: Announcer;
  readonly #others: Neighbours;
  readonly #publishing: ClusterPublishing;
  readonly #feeds: ClusterFeeds;
  readonly #life = new DisposableStack();
  readonly #instance = randomId();
  /** Who publishes the sessions that are being made, by their names. */
  readonly #callers = new Map<string, string | undefined>();

  /**
   * Joins.
   *
   * @param local where this node's own sessions live.
   */
  constructor(
    local: SessionHost,
    { bus, cluster, node, url, log, recordings, shared }: ClusterOptions & {
      log: Logger;
      /** What all nodes count together. @default {each counts its own} */
      shared?: SharedCounts;
      recordings?: RecordingControl;
    },
  ) {
    this.#bus = bus;
    this.#local = local;
    const subjects = new Subjects(cluster);
    const instance = this.#instance;
    const life = this.#life;
    const others = life.use(
      new Neighbours({
        ...{ bus, subjects, instance, log },
        onMet: () => this.#announcer.sayHere(),
      }),
    );
    this.#others = others;
    this.#feeds = life.use(
      new ClusterFeeds({
        ...{ bus, subjects, local, log, far: others.directory },
        urlOf: (session) => others.directory.find(session)?.info.url,
        open: (session, ...link) =>
          others.call(session, "openFeed", session, ...link),
      }),
    );
    const { frameBytes } = local;
    this.posting = life.use(
      new FarPosts({ bus, subjects, instance, others, frameBytes }),
    );
    const own = recordings?.folder === undefined
      ? undefined
      : new RecordingFolder(recordings.folder, (id) => recordings.has(id));
    this.library = new ClusterLibrary({ own, others, bus, subjects, node });
    this.recordings = new ClusterRecordings(recordings, others, node);
    this.#announcer = new Announcer({
      ...{ bus, local, subject: subjects.announcements },
      node: { instance, name: node, url, hasRecordings: own !== undefined },
      callerOf: (name) => this.#callers.get(name),
    });
    const { sessions: announced } = this.#announcer;
    const claims = new NameClaims(instance, announced);
    this.#publishing = life.use(
      new ClusterPublishing({ local, others, claims, instance }),
    );
    const parts = { local, announced, claims, recordings, folder: own, node };
    const calls = nodeCalls({
      ...{ ...parts, feeds: this.#feeds, maxPayload: bus.maxPayload },
    });
    life.use(answerCalls(bus, subjects.calls(instance), calls));
    if (own) life.use(answerPieces(bus, subjects.files(instance), own));
    // Whoever hears that it is here may ask it at once.
    this.#announcer.start();
    if (shared === undefined) return;
    const { directory } = others;
    life.use(new ClusterLimits({ bus, subjects, instance, directory, shared }));
  }

  get health(): WorkerHealth | undefined {
    return this.#local.health;
  }

  get frameBytes(): number {
    return this.#local.frameBytes;
  }

  /** What there is of the cluster. */
  get counts(): ClusterCounts {
    const { nodes } = this.#others.directory;
    const { received, sent } = this.#feeds;
    const { isConnected } = this.#bus;
    const sessions = nodes.reduce((sum, node) => sum + node.sessions.size, 0);
    return { isConnected, nodes: nodes.length, sessions, received, sent };
  }

  /** The links that other nodes open to this one. */
  get links(): DirectLinks {
    return this.#feeds.links;
  }

  /** Where other nodes take clients. */
  get addresses(): string[] {
    return this.#others.addresses;
  }

  /**
   * Answers an offer with a new session here.
   *
   * @throws {HostError} what `ClusterPublishing.publish` throws.
   */
  async publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    const { name = "", caller } = request;
    this.#callers.set(name, caller);
    try {
      return await this.#publishing.publish(request, posted);
    } finally {
      this.#callers.delete(name);
    }
  }

  /** Answers an offer to watch a session, of whichever node. */
  async watch(
    request: WatchRequest,
    mirror?: MessagePort,
  ): Promise<Answered> {
    const { session } = request;
    if (!this.#others.has(session)) {
      return await this.#local.watch(request, mirror);
    }
    const { port1, port2 } = new MessageChannel();
    const exported = await this.#feeds.export(session, port1);
    try {
      return await this.#local.watch(request, port2);
    } catch (error) {
      exported[Symbol.dispose]();
      throw error;
    }
  }

  /** The sessions of all nodes, oldest first. */
  async sessions(): Promise<SessionSnapshot[]> {
    const lists = await Promise.all([
      this.#local.sessions(),
      this.#others.sessions(),
    ]);
    return lists.flat().sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
  }

  async session(id: string): Promise<SessionSnapshot> {
    return await (this.#others.has(id)
      ? this.#others.call(id, "session", id)
      : this.#local.session(id));
  }

  async endSession(id: string, reason: string, code: ByeCode): Promise<void> {
    await (this.#others.has(id)
      ? this.#others.call(id, "endSession", id, reason, code)
      : this.#local.endSession(id, reason, code));
  }

  /** Ends a watcher, which may be of another node than its session. */
  async endWatcher(
    session: string,
    id: string,
    reason: string,
  ): Promise<void> {
    try {
      return await this.#local.endWatcher(session, id, reason);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const asked = this.#others.callAll("endWatcher", session, id, reason);
      await Promise.any(asked).catch(() => {
        throw this.#others.has(session) ? noWatcher(session, id) : error;
      });
    }
  }

  async exportFeed(
    session: string,
    port: MessagePort,
    framesUnderWay?: number,
  ): Promise<void> {
    await (this.#others.has(session)
      ? this.#feeds.export(session, port, framesUnderWay)
      : this.#local.exportFeed(session, port, framesUnderWay));
  }

  /** Observes the sessions of all nodes; watchers are those of this one. */
  subscribe(observer: HostObserver): Disposable {
    const life = new DisposableStack();
    life.use(this.#local.subscribe(observer));
    life.use(this.#others.directory.subscribe(observer));
    return life;
  }

  /** Takes no more, and has other nodes send nobody here. */
  async drain(reason: string, seconds: number): Promise<void> {
    this.#announcer.drain();
    await this.#local.drain(reason, seconds);
  }

  /** Ends this node's sessions, and leaves the cluster. */
  async close(reason: string): Promise<void> {
    await this.#local.close(reason);
    this.#life.dispose();
    this.#announcer[Symbol.dispose]();
    await this.#bus[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close("the server stopped");
  }
}

import { noSession } from "../hosting/host_error.ts";
import type { HostObserver } from "../hosting/session_host.ts";
import type { Logger } from "../log.ts";
import type { ByeCode } from "../wire/messages.ts";
import { type Announcement, HERE_MS, type NodeInfo } from "./announcements.ts";
import type { Bus } from "./bus.ts";
import type { KnownSession } from "./calls.ts";
import { readJson } from "./json.ts";

/** Silence after which a node is gone with its sessions, milliseconds. */
const SILENCE_MS = 4 * HERE_MS;
/** Time between two looks for silent nodes, milliseconds. */
const LOOK_MS = 500;
/** A look that comes so much late heard nothing itself meanwhile. */
const LATE_MS = 1_000;
/** Time without NATS after which the others are given up, milliseconds. */
const CUT_OFF_MS = 30_000;
/** Most nodes of a cluster. */
const MAX_NODES = 256;
/** Most sessions of a node. */
const MAX_SESSIONS = 10_000;
/** Sessions that are over and whose end is remembered. */
const MAX_ENDED = 1_024;

/** Another node. */
export interface FarNode {
  info: NodeInfo;
  readonly sessions: Map<string, KnownSession>;
  heardAt: number;
  isAsked: boolean;
}

export interface DirectoryOptions {
  bus: Bus;
  /** Where nodes tell of themselves. */
  subject: string;
  /** This node, which isn't told of itself. */
  instance: string;
  /** Called for a node that isn't known yet, and may not know this one. */
  onMet(): void;
  /** Gives all sessions of a node. */
  ask(instance: string): Promise<KnownSession[]>;
  log: Logger;
}

/**
 * The other nodes and their sessions, as they tell of them. A node that is
 * silent is gone, with its sessions.
 */
export class Directory implements Disposable {
  readonly #options: DirectoryOptions;
  readonly #nodes = new Map<string, FarNode>();
  readonly #observers = new Set<HostObserver>();
  /**
   * How sessions of others ended, oldest first; nothing for one that was lost
   * sight of, and may be there again.
   */
  readonly #ended = new Map<string, ByeCode | undefined>();
  readonly #life = new DisposableStack();
  #lookedAt = performance.now();
  #connectedAt = performance.now();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    const { bus, subject } = options;
    this.#life.use(bus.subscribe(subject, (bytes) => this.#take(bytes)));
    const timer = setInterval(() => this.#look(), LOOK_MS);
    this.#life.defer(() => clearInterval(timer));
  }

  /** The other nodes that are there. */
  get nodes(): FarNode[] {
    return [...this.#nodes.values()];
  }

  /** The node of a session of others, where it is known. */
  find(session: string): FarNode | undefined {
    return this.nodes.find(({ sessions }) => sessions.has(session));
  }

  /** @throws {HostError} `no-session`. */
  nodeOf(session: string): FarNode {
    const node = this.find(session);
    if (node !== undefined) return node;
    throw noSession(session);
  }

  /** Tells whether a session is one of others, or was. */
  knew(session: string): boolean {
    return this.find(session) !== undefined || this.#ended.has(session);
  }

  /** Tells whether a session of others was ended by an operator. */
  wasDeleted(session: string): boolean {
    return this.#ended.get(session) === "deleted";
  }

  subscribe(observer: HostObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Forgets all. */
  [Symbol.dispose](): void {
    this.#life.dispose();
    this.#nodes.clear();
  }

  #take(bytes: Uint8Array): void {
    const told = readJson<Announcement>(bytes) as Announcement | undefined;
    if (told === undefined || told.instance === this.#options.instance) return;
    if (told.type === "here") return this.#takeHere(told);
    const node = this.#nodes.get(told.instance);
    // Of one that isn't known yet all is asked for when it says it is here.
    if (node === undefined) return;
    switch (told.type) {
      case "answered":
      case "connected":
        return this.#add(node, told);
      case "closed":
        this.#remove(node, told.session.id, told);
        return this.#noteEnded(told.session.id, told.code);
      case "left":
        return this.#drop(node, "its node stopped");
    }
  }

  #takeHere(
    { node: info, sessions }: Announcement & { type: "here" },
  ): void {
    const node = this.#nodes.get(info.instance) ?? this.#meet(info);
    if (node === undefined) return;
    node.info = info;
    node.heardAt = performance.now();
    const there = new Set(sessions);
    for (const id of node.sessions.keys()) {
      if (there.has(id)) continue;
      this.#remove(node, id, { reason: "its node ended it", code: "lost" });
    }
    const isNew = (id: string) =>
      !node.sessions.has(id) && this.#ended.get(id) === undefined;
    if (sessions.some(isNew)) void this.#ask(node);
  }

  #meet(info: NodeInfo): FarNode | undefined {
    if (this.#nodes.size >= MAX_NODES) return undefined;
    const { log, onMet } = this.#options;
    const sessions = new Map<string, KnownSession>();
    const node = { info, sessions, heardAt: 0, isAsked: false };
    this.#nodes.set(info.instance, node);
    log.info("node found", { node: info.name, url: info.url });
    onMet();
    return node;
  }

  async #ask(node: FarNode): Promise<void> {
    if (node.isAsked) return;
    node.isAsked = true;
    try {
      const all = await this.#options.ask(node.info.instance);
      if (this.#nodes.get(node.info.instance) !== node) return;
      for (const known of all) this.#add(node, known);
    } catch (error) {
      // It is asked again when it says that it is here.
      const { name } = node.info;
      this.#options.log.debug("node not asked", { node: name, error });
    } finally {
      node.isAsked = false;
    }
  }

  #add({ sessions }: FarNode, { session, caller }: KnownSession): void {
    const { id } = session;
    const before = sessions.get(id);
    if (this.#ended.get(id) !== undefined) return;
    if (before === undefined && sessions.size >= MAX_SESSIONS) return;
    sessions.set(id, { session, caller });
    for (const observer of this.#observers) {
      if (before === undefined) {
        observer.onFound?.(session, caller);
        observer.onAnswered?.(session);
      }
      const isNews = before?.session.state !== session.state;
      if (isNews && session.state === "connected") {
        observer.onConnected?.(session);
      }
    }
  }

  #remove(
    { sessions }: FarNode,
    id: string,
    { reason, code }: { reason: string; code: ByeCode },
  ): void {
    const known = sessions.get(id);
    if (!sessions.delete(id) || known === undefined) return;
    this.#noteEnded(id);
    for (const observer of this.#observers) {
      observer.onClosed?.(known.session, reason, code);
    }
  }

  #drop(node: FarNode, reason: string): void {
    const { name: called, instance } = node.info;
    this.#nodes.delete(instance);
    const sessions = node.sessions.size;
    this.#options.log.info("node gone", { node: called, reason, sessions });
    for (const id of [...node.sessions.keys()]) {
      this.#remove(node, id, { reason, code: "lost" });
    }
  }

  #look(): void {
    const now = performance.now();
    const isLate = now - this.#lookedAt > LOOK_MS + LATE_MS;
    this.#lookedAt = now;
    const { isConnected } = this.#options.bus;
    if (isConnected) this.#connectedAt = now;
    // Whoever hears nobody can't tell who is silent.
    if (isLate || !isConnected) {
      for (const node of this.nodes) node.heardAt = now;
    }
    const isCutOff = now - this.#connectedAt > CUT_OFF_MS;
    for (const node of this.nodes) {
      if (isCutOff) this.#drop(node, "NATS is lost");
      else if (now - node.heardAt > SILENCE_MS) {
        this.#drop(node, "its node is silent");
      }
    }
  }

  #noteEnded(id: string, code?: ByeCode): void {
    this.#ended.set(id, code);
    if (this.#ended.size <= MAX_ENDED) return;
    const [oldest] = this.#ended.keys();
    this.#ended.delete(oldest);
  }
}

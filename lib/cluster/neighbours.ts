import type { Logger } from "../log.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { Bus } from "./bus.ts";
import { callNode, type NodeCalls } from "./calls.ts";
import { Directory, type FarNode } from "./directory.ts";
import { allPages } from "./session_pages.ts";
import type { Subjects } from "./subjects.ts";

/** Most addresses of other nodes that a client is told. */
const MAX_ADDRESSES = 8;

export interface NeighboursOptions {
  bus: Bus;
  subjects: Subjects;
  /** This node. */
  instance: string;
  /** Called for a node that isn't known yet, and may not know this one. */
  onMet(): void;
  log: Logger;
}

type Result<N extends keyof NodeCalls> = ReturnType<NodeCalls[N]>;

/** The other nodes, and what they are asked. */
export class Neighbours implements Disposable {
  readonly directory: Directory;
  readonly #options: NeighboursOptions;
  /** What nodes are being asked for: it is asked once for all who want it. */
  readonly #asked = new Map<FarNode, Promise<SessionSnapshot[]>>();

  constructor(options: NeighboursOptions) {
    this.#options = options;
    const { bus, subjects, instance, onMet, log } = options;
    this.directory = new Directory({
      ...{ bus, instance, onMet, log, subject: subjects.announcements },
      ask: (instance) =>
        allPages((from) => this.#call(instance, "sessions", from)),
    });
  }

  /** Tells whether a session is known that lives on another node. */
  has(session: string): boolean {
    return this.directory.find(session) !== undefined;
  }

  /** Where other nodes take clients. */
  get addresses(): string[] {
    return this.directory.nodes.flatMap(({ info: { url, isDraining } }) =>
      url === undefined || isDraining ? [] : [url]
    ).slice(0, MAX_ADDRESSES);
  }

  /**
   * Asks the node of a session.
   *
   * @throws {HostError} `no-session`, `no-node`, or what is thrown there.
   */
  async call<N extends keyof NodeCalls>(
    session: string,
    call: N,
    ...args: Parameters<NodeCalls[N]>
  ): Promise<Awaited<Result<N>>> {
    const { info } = this.directory.nodeOf(session);
    return await this.#call(info.instance, call, ...args);
  }

  /**
   * Asks a node.
   *
   * @throws {HostError} `no-node`, or what is thrown there.
   */
  async ask<N extends keyof NodeCalls>(
    instance: string,
    call: N,
    ...args: Parameters<NodeCalls[N]>
  ): Promise<Awaited<Result<N>>> {
    return await this.#call(instance, call, ...args);
  }

  /** Asks every node. */
  callAll<N extends keyof NodeCalls>(
    call: N,
    ...args: Parameters<NodeCalls[N]>
  ): Promise<Awaited<Result<N>>>[] {
    return this.directory.nodes.map(({ info }) =>
      this.#call(info.instance, call, ...args)
    );
  }

  /** The sessions of all, as they are, or were where a node doesn't answer. */
  async sessions(): Promise<SessionSnapshot[]> {
    const { nodes } = this.directory;
    const lists = nodes.map(async (node) => {
      const asked = this.#asked.get(node) ?? this.#sessionsOf(node);
      this.#asked.set(node, asked);
      try {
        return await asked;
      } finally {
        this.#asked.delete(node);
      }
    });
    return (await Promise.all(lists)).flat();
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }

  async #sessionsOf(node: FarNode): Promise<SessionSnapshot[]> {
    // One without sessions has nothing to say.
    if (node.sessions.size === 0) return [];
    const { instance } = node.info;
    const ask = (from: number) => this.#call(instance, "sessions", from);
    const known = await allPages(ask).catch(() => [...node.sessions.values()]);
    return known.map(({ session }) => session);
  }

  #call<N extends keyof NodeCalls>(
    instance: string,
    call: N,
    ...args: Parameters<NodeCalls[N]>
  ): Promise<Awaited<Result<N>>> {
    const { bus, subjects } = this.#options;
    return callNode(bus, subjects.calls(instance), call, ...args);
  }
}

/** What nodes tell all others of themselves and their sessions. */
import type { SessionHost } from "../hosting/session_host.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import type { ByeCode } from "../wire/messages.ts";
import type { Bus } from "./bus.ts";
import type { KnownSession } from "./calls.ts";
import { jsonBytes } from "./json.ts";

/** A node, as it tells of itself. */
export interface NodeInfo {
  /** Tells one start of a node from all others. */
  instance: string;
  /** What people call it. */
  name: string;
  /** Where clients reach it, where it says. */
  url?: string;
  /** Whether it takes no new sessions. */
  isDraining?: boolean;
  /** Whether it has a folder of recordings. */
  hasRecordings?: boolean;
}

export type Announcement =
  & { instance: string }
  & (
    /** Again and again: a silent node is gone. */
    | { type: "here"; node: NodeInfo; sessions: string[] }
    | { type: "answered" | "connected" } & KnownSession
    | {
      type: "closed";
      session: SessionSnapshot;
      reason: string;
      code: ByeCode;
    }
    /** It stops. */
    | { type: "left" }
  );

/** Time between two signs of life, milliseconds. */
export const HERE_MS = 1_000;

/** Tells the other nodes of this one and its sessions. */
export class Announcer implements Disposable {
  readonly #bus: Bus;
  readonly #subject: string;
  readonly #node: NodeInfo;
  readonly #sessions = new Map<string, KnownSession>();
  readonly #life = new DisposableStack();
  readonly #callerOf: (name: string) => string | undefined;

  /**
   * @param callerOf says who publishes a session that is about to be answered,
   * by its name.
   */
  constructor(
    { bus, subject, node, local, callerOf }: {
      bus: Bus;
      subject: string;
      node: NodeInfo;
      local: Pick<SessionHost, "subscribe">;
      callerOf(name: string): string | undefined;
    },
  ) {
    this.#bus = bus;
    this.#subject = subject;
    this.#node = node;
    this.#callerOf = callerOf;
    this.#life.use(local.subscribe({
      onAnswered: (session) => {
        const caller = this.#callerOf(session.name);
        this.#sayOf("answered", { session, caller });
      },
      onConnected: (session) => {
        const { caller } = this.#sessions.get(session.id) ?? {};
        this.#sayOf("connected", { session, caller });
      },
      onClosed: (session, reason, code) => {
        this.#sessions.delete(session.id);
        const { instance } = this.#node;
        this.#say({ type: "closed", instance, session, reason, code });
      },
    }));
  }

  /** Begins to say that it is here. */
  start(): void {
    const timer = setInterval(() => this.sayHere(), HERE_MS);
    this.#life.defer(() => clearInterval(timer));
    this.sayHere();
  }

  /** This node's sessions, as they were announced, oldest first. */
  get sessions(): ReadonlyMap<string, KnownSession> {
    return this.#sessions;
  }

  /** Says that it is here. */
  sayHere(): void {
    const node = this.#node;
    const sessions = [...this.#sessions.keys()];
    this.#say({ type: "here", instance: node.instance, node, sessions });
  }

  /** Has the others send nobody here any more. */
  drain(): void {
    this.#node.isDraining = true;
    this.sayHere();
  }

  /** Says goodbye. */
  [Symbol.dispose](): void {
    if (this.#life.disposed) return;
    this.#life.dispose();
    this.#say({ type: "left", instance: this.#node.instance });
  }

  #sayOf(type: "answered" | "connected", known: KnownSession): void {
    this.#sessions.set(known.session.id, known);
    this.#say({ type, instance: this.#node.instance, ...known });
  }

  #say(announcement: Announcement): void {
    this.#bus.publish(this.#subject, jsonBytes(announcement));
  }
}

import { HostError, wasDeleted } from "../hosting/host_error.ts";
import type {
  Answered,
  PublishRequest,
  SessionHost,
} from "../hosting/session_host.ts";
import type { NameClaims } from "./name_claims.ts";
import type { Neighbours } from "./neighbours.ts";

export interface ClusterPublishingOptions {
  /** Where this node's sessions live. */
  local: SessionHost;
  others: Neighbours;
  claims: NameClaims;
  /** This node. */
  instance: string;
}

/** How sessions come to be on a node of a cluster: none has another's name. */
export class ClusterPublishing implements Disposable {
  readonly #options: ClusterPublishingOptions;
  readonly #life = new DisposableStack();
  /** The sessions here that resumed others, by those. */
  readonly #resumed = new Map<string, string>();

  constructor(options: ClusterPublishingOptions) {
    this.#options = options;
    const { local, others, claims } = options;
    this.#life.use(local.subscribe({
      onConnected: ({ id, resumes }) => {
        if (resumes === null) return;
        this.#resumed.set(resumes, id);
        this.#replace(resumes);
      },
      onClosed: ({ resumes }) => this.#resumed.delete(resumes ?? ""),
    }));
    this.#life.use(others.directory.subscribe({
      onAnswered: ({ id, name }) => {
        claims.settle(name);
        // Its node was lost sight of, and is back with what went on here.
        this.#replace(id);
      },
    }));
  }

  /**
   * Answers an offer with a new session here, whose name no other node's has.
   *
   * @throws {HostError} besides what the host throws, `name-taken` and
   * `deleted` of other nodes' sessions.
   */
  async publish(
    request: PublishRequest,
    posted?: MessagePort,
  ): Promise<Answered> {
    const { local, others: { directory }, claims } = this.#options;
    const { name = "", resumes } = request;
    if (resumes !== undefined && directory.wasDeleted(resumes)) {
      throw wasDeleted(resumes);
    }
    const askOthers = () => this.#isFreeElsewhere(name, resumes);
    using claim = await claims.claim(name, askOthers);
    if (claim === undefined) {
      const why = `The name ${name} is in use: a session of another node has ` +
        "it until it ends";
      throw new HostError("name-taken", why);
    }
    const resumesElsewhere = resumes !== undefined && directory.knew(resumes);
    return await local.publish({ ...request, resumesElsewhere }, posted);
  }

  [Symbol.dispose](): void {
    this.#life.dispose();
  }

  /** Tells whether no other node has a name, as far as they can be asked. */
  async #isFreeElsewhere(name: string, resumes?: string): Promise<boolean> {
    const { others, instance } = this.#options;
    const asked = others.callAll("claim", name, instance, resumes ?? null);
    // One that doesn't answer is about to be gone, or will hear of it later.
    const answers = await Promise.all(asked.map((a) => a.catch(() => true)));
    return answers.every((isFree) => isFree);
  }

  /** Ends the session of another node that one of this resumed. */
  #replace(old: string): void {
    const { others } = this.#options;
    const id = this.#resumed.get(old);
    if (id === undefined || !others.has(old)) return;
    const end = [`replaced by session ${id}`, "replaced"] as const;
    others.call(old, "endSession", old, ...end).catch(() => {
      // It is over already.
    });
  }
}

import type { SharedCounts } from "../limits/shared_counts.ts";
import type { ToldCounts } from "../limits/told_counts.ts";
import { HERE_MS } from "./announcements.ts";
import type { Bus } from "./bus.ts";
import type { Directory } from "./directory.ts";
import { jsonBytes, readJson } from "./json.ts";
import type { Subjects } from "./subjects.ts";

/** Time between two words of what has changed, milliseconds. */
const CHANGES_MS = 50;

export interface ClusterLimitsOptions {
  bus: Bus;
  subjects: Subjects;
  /** This node, which isn't told of itself. */
  instance: string;
  /** The other nodes: what others say isn't counted. */
  directory: Pick<Directory, "nodes">;
  shared: SharedCounts;
}

type Told = { instance: string } & ToldCounts;

/** Nodes that tell each other what they have of the limits that they share. */
export class ClusterLimits implements Disposable {
  readonly #options: ClusterLimitsOptions;
  readonly #life = new DisposableStack();

  constructor(options: ClusterLimitsOptions) {
    this.#options = options;
    const { bus, subjects, shared } = options;
    const take = (bytes: Uint8Array) => this.#take(bytes);
    this.#life.use(bus.subscribe(subjects.counts, take));
    this.#every(CHANGES_MS, () => this.#say(shared.changes()));
    this.#every(HERE_MS, () => {
      this.#forget();
      this.#say(shared.all());
    });
    this.#say(shared.all());
  }

  /** Says and hears nothing any more. */
  [Symbol.dispose](): void {
    this.#life.dispose();
  }

  #take(bytes: Uint8Array): void {
    const { instance, directory, shared } = this.#options;
    const told = readJson<Told>(bytes);
    const from = told?.instance;
    if (told === undefined || from === instance) return;
    const node = directory.nodes.find(({ info }) => info.instance === from);
    if (node === undefined) return;
    const isNew = shared.take(node.info.instance, told, instance);
    // It is to know soon what it may not take.
    if (isNew) this.#say(shared.all());
  }

  #forget(): void {
    const { directory, shared } = this.#options;
    shared.keep(new Set(directory.nodes.map(({ info }) => info.instance)));
  }

  #say(told: ToldCounts | undefined): void {
    const { bus, subjects, instance } = this.#options;
    if (told === undefined) return;
    bus.publish(subjects.counts, jsonBytes({ instance, ...told }));
  }

  #every(ms: number, act: () => void): void {
    const timer = setInterval(act, ms);
    this.#life.defer(() => clearInterval(timer));
  }
}

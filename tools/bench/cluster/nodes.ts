/** Nodes that are stopped and started again where they were. */
import { freePort } from "../../../tests/free_port.ts";
import { Nats } from "../../../tests/cluster/nats.ts";
import { startNode, whenMet } from "../../../tests/cluster/nodes.ts";
import type { ServerProcess } from "../../processes.ts";
import { usageOf } from "../../proc.ts";

/** Above what the bench's own peers, all of one address, ask for. */
const LIMITS = [
  ...["--max-offers-per-second", "1000", "--max-sessions-per-address", "1000"],
  ...["--max-watchers-per-address", "1000", "--drain", "30"],
];

/** What a node has taken so far, and holds. */
export interface NodeUsage {
  /** Processor time of all its processes, seconds. */
  cpu: number;
  /** Resident memory, MiB. */
  memory: number;
}

/** What the node of a number is called, from 0: a, b, … */
export function nodeName(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

/** A node, whichever process it is just now. */
export class BenchNode implements AsyncDisposable {
  readonly url: string;
  readonly #start: () => Promise<ServerProcess>;
  #process: ServerProcess;
  /** Processor time of the processes before, seconds. */
  #spent = 0;

  private constructor(
    start: () => Promise<ServerProcess>,
    process: ServerProcess,
  ) {
    this.#start = start;
    this.#process = process;
    this.url = process.url;
  }

  static async start(
    nats: Nats,
    name: string,
    permissions: string[],
  ): Promise<BenchNode> {
    const port = freePort();
    const start = () => startNode(nats, name, LIMITS, { port, permissions });
    return new BenchNode(start, await start());
  }

  get process(): ServerProcess {
    return this.#process;
  }

  async usage(): Promise<NodeUsage> {
    const { cpu, memory } = await usageOf(this.#process.child.pid);
    return { cpu: this.#spent + cpu, memory };
  }

  /** Ends its process; what that takes to end is not counted. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#spent = (await this.usage()).cpu;
    await this.#process.stop(signal);
  }

  async startAgain(): Promise<void> {
    this.#process = await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** NATS and the nodes. */
export class BenchCluster implements AsyncDisposable {
  readonly nats: Nats;
  readonly nodes: readonly BenchNode[];

  private constructor(nats: Nats, nodes: BenchNode[]) {
    this.nats = nats;
    this.nodes = nodes;
  }

  static async start(
    nodes: number,
    permissions: string[],
  ): Promise<BenchCluster> {
    await using started = new AsyncDisposableStack();
    const nats = started.use(await Nats.start(freePort()));
    const all: BenchNode[] = [];
    for (let i = 0; i < nodes; i++) {
      const node = await BenchNode.start(nats, nodeName(i), permissions);
      all.push(started.use(node));
    }
    const cluster = new BenchCluster(nats, all);
    await cluster.whenMet();
    started.move();
    return cluster;
  }

  /** Waits until each node knows all others. */
  async whenMet(): Promise<void> {
    await whenMet(this.nodes.map(({ process }) => process));
  }

  async usage(): Promise<NodeUsage[]> {
    return await Promise.all(this.nodes.map((node) => node.usage()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.nodes, this.nats].map((each) => each[Symbol.asyncDispose]()),
    );
  }
}

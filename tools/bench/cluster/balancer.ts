/**
 * A load balancer as the nodes of a cluster have one in front: it hands each
 * TCP connection to the next node that says that it is ready.
 */
import { setInterval } from "node:timers";

/** How often each node is asked, as Caddy does in `tools/deploy`. */
const LOOK_MS = 1_000;

export class Balancer implements AsyncDisposable {
  readonly url: string;
  readonly #nodes: readonly URL[];
  readonly #listener: Deno.TcpListener;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #done: Promise<void>;
  #ready: readonly URL[];
  #turn = 0;

  /** @param nodes the URLs of the nodes, ready or not. */
  constructor(nodes: readonly string[]) {
    this.#nodes = nodes.map((node) => new URL(node));
    this.#ready = this.#nodes;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#done = this.#serve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#listener.close();
    await this.#done;
  }

  async #look(): Promise<void> {
    const ready = await Promise.all(this.#nodes.map(isReady));
    this.#ready = this.#nodes.filter((_, i) => ready[i]);
  }

  async #serve(): Promise<void> {
    for await (const client of this.#listener) void this.#carry(client);
  }

  async #carry(client: Deno.TcpConn): Promise<void> {
    const node = await this.#connect();
    if (node === undefined) return client.close();
    // Either side may go first, and without a word.
    await Promise.allSettled([
      client.readable.pipeTo(node.writable),
      node.readable.pipeTo(client.writable),
    ]);
  }

  /** The next node that takes it. */
  async #connect(): Promise<Deno.TcpConn | undefined> {
    const ready = this.#ready;
    for (let i = 0; i < ready.length; i++) {
      const { hostname, port } = ready[this.#turn++ % ready.length];
      try {
        return await Deno.connect({ hostname, port: Number(port) });
      } catch {
        // It was killed since it was asked.
      }
    }
    return undefined;
  }
}

async function isReady(node: URL): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(LOOK_MS);
    const answer = await fetch(new URL("/readyz", node), { signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

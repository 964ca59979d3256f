/** A TCP port in front of another, which can be cut off from it. */
export class Cable implements AsyncDisposable {
  readonly port: number;
  readonly #to: number;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #done: Promise<void>;
  #isCut = false;

  /** @param to the port of loopback that it leads to. */
  constructor(to: number) {
    this.#to = to;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#done = this.#serve();
  }

  /** Ends what goes through it, and lets nothing through. */
  cut(): void {
    this.#isCut = true;
    for (const connection of this.#connections) end(connection);
    this.#connections.clear();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#done;
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isCut) end(near);
      else void this.#carry(near);
    }
  }

  async #carry(near: Deno.TcpConn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#to });
    for (const each of [near, far]) this.#connections.add(each);
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
    for (const each of [near, far]) this.#connections.delete(each);
  }
}

function end(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Its other side was faster.
  }
}

/** Addresses of others, which an attacker has the server send to. */

/** UDP sockets that answer nothing, and count what comes. */
export class Bystander implements Disposable {
  /** Datagrams by the IP address that they came to. */
  readonly packets = new Map<string, number>();
  bytes = 0;
  /** Datagrams that are no STUN (RFC 7983 section 7). */
  others = 0;
  /** When the last one came, on the clock of `performance.now()`. */
  lastAt = 0;
  readonly #sockets: Deno.DatagramConn[] = [];

  /** All datagrams. */
  get count(): number {
    return [...this.packets.values()].reduce((sum, each) => sum + each, 0);
  }

  /** Datagrams to the IP address that got most. */
  get most(): number {
    return Math.max(0, ...this.packets.values());
  }

  /** Opens a port on an address of this machine. */
  open(hostname: string): number {
    const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#sockets.push(socket);
    void this.#count(socket, hostname);
    return (socket.addr as Deno.NetAddr).port;
  }

  /** Sends a datagram from the port that was opened as number `index`. */
  async say(index: number, message: Uint8Array, port: number): Promise<void> {
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    await this.#sockets[index].send(message, to);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.close();
  }

  async #count(socket: Deno.DatagramConn, hostname: string): Promise<void> {
    try {
      while (true) {
        const [datagram] = await socket.receive();
        this.packets.set(hostname, (this.packets.get(hostname) ?? 0) + 1);
        this.bytes += datagram.length;
        if (datagram[0] >= 4) this.others++;
        this.lastAt = performance.now();
      }
    } catch {
      // It was closed.
    }
  }
}

/** A WebSocket by hand (RFC 6455): it reads when a test says so. */

/** What the server answered a handshake with. */
export interface Answer {
  status: number;
  text: string;
}

/** One end of a connection whose other end may not like what it says. */
export class RawTool implements Disposable {
  readonly #connection: Deno.TcpConn;
  #isClosed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /**
   * Asks for a WebSocket.
   *
   * @param fields besides those of every handshake; "" takes one away.
   */
  static async open(
    { port, path = "/foxglove", fields = {} }: {
      port: number;
      path?: string;
      fields?: Record<string, string>;
    },
  ): Promise<RawTool & { answer: Answer }> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const all = {
      host: `127.0.0.1:${port}`,
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
      "sec-websocket-protocol": "foxglove.websocket.v1",
      ...fields,
    };
    const lines = Object.entries(all).filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const tool = new RawTool(connection);
    const text = await tool.read();
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
    return Object.assign(tool, { answer: { status: Number(status), text } });
  }

  /** Reads what has come, 64 KiB at most; "" where it is over. */
  async read(): Promise<string> {
    const buffer = new Uint8Array(64 * 1024);
    const length = await this.#connection.read(buffer).catch(() => null);
    return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
  }

  /** Reads on until it is over, and gives the end of it. */
  async readAll(): Promise<string> {
    let last = "";
    for (let text; (text = await this.read()) !== "";) last = text;
    return last;
  }

  /** Sends a text, whatever is in it. */
  async text(text: string): Promise<void> {
    await this.#frame(1, new TextEncoder().encode(text));
  }

  /** Sends bytes. */
  async binary(bytes: Uint8Array): Promise<void> {
    await this.#frame(2, bytes);
  }

  /** Hangs up without a word. */
  close(): void {
    if (!this.#isClosed) this.#connection.close();
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Its mask is 0, so that the payload stays as it is. */
  async #frame(opcode: number, payload: Uint8Array): Promise<void> {
    const head = new Uint8Array(14);
    const view = new DataView(head.buffer);
    view.setUint8(0, 0x80 | opcode);
    view.setUint8(1, 0x80 | 127);
    view.setBigUint64(2, BigInt(payload.length));
    const bytes = new Uint8Array(head.length + payload.length);
    bytes.set(head);
    bytes.set(payload, head.length);
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(bytes.subarray(at));
    }
  }
}

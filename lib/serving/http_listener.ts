/** A certificate with its chain, and its private key, in PEM. */
export interface TlsIdentity {
  /** The certificate, and those between it and its authority. */
  cert: string;
  /** Its private key. */
  key: string;
}

export interface HttpListenerOptions {
  hostname: string;
  /** TCP port; 0 takes a free one. */
  port: number;
  /** Certificate and key: it is https then, HTTP/2 and 1.1. @default none */
  tls?: TlsIdentity;
}

/** Listens for HTTP; another certificate may take the place of the first. */
export class HttpListener {
  /** Resolves when it has stopped listening. */
  readonly finished: Promise<void>;
  readonly #handler: Deno.ServeHandler<Deno.NetAddr>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #retired = new Set<Promise<void>>();
  readonly #hostname: string;
  readonly #isTls: boolean;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #isClosed = false;

  /** @throws what `Deno.serve` throws. */
  constructor(
    { hostname, port, tls }: HttpListenerOptions,
    handler: Deno.ServeHandler<Deno.NetAddr>,
  ) {
    this.finished = this.#finished.promise;
    this.#handler = handler;
    this.#hostname = hostname;
    this.#isTls = tls !== undefined;
    // A port that is shared with its successor would be with any other program.
    if (tls && port !== 0) Deno.listen({ hostname, port }).close();
    this.#server = this.#serve(port, tls);
  }

  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  get protocol(): "http" | "https" {
    return this.#isTls ? "https" : "http";
  }

  /**
   * Uses another certificate for connections that are made from now on; those that
   * are there finish what they are at.
   *
   * Deno.serve keeps the certificate that it has got, so that another one is made at
   * the same port, and listens before the first one stops. A connection that is being
   * made at that very moment may be reset, as the kernel had given it to the first.
   *
   * @throws what `Deno.serve` throws for a certificate that it can't use, and then
   * goes on with the old one.
   */
  replaceCertificate(tls: TlsIdentity): void {
    if (!this.#isTls) throw new TypeError("Cannot add TLS to plain HTTP");
    if (this.#isClosed) return;
    const old = this.#server;
    this.#server = this.#serve(this.addr.port, tls);
    const retired = old.shutdown();
    this.#retired.add(retired);
    void retired.finally(() => this.#retired.delete(retired));
  }

  /** Stops listening, and waits for what is being answered. */
  async shutdown(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#server.shutdown(), ...this.#retired]);
    this.#finished.resolve();
  }

  #serve(port: number, tls?: TlsIdentity): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve(
      {
        hostname: this.#hostname,
        port,
        ...tls,
        reusePort: tls !== undefined,
        onListen: () => {},
      },
      this.#handler,
    );
  }
}

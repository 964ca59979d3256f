import { settlesWithin } from "../async.ts";
import {
  freeDescriptors,
  isOutOfDescriptors,
  readFirstStack,
} from "../descriptors.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { Logger } from "../log.ts";
import { ListenError, whyDeaf } from "./listen_error.ts";

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
  /** Gets a line when it ends, and when it is back. */
  log: Logger;
  /**
   * Time that it tries to listen again, milliseconds. @default {30_000}
   */
  giveUpMs?: number;
  /**
   * Time for what is being answered once it shuts down, milliseconds; longer
   * answers aren't waited for. @default {10_000}
   */
  lastMs?: number;
}

/** Time that it tries to listen again before it gives up, milliseconds. */
const GIVE_UP_MS = 30_000;
/** Time for the last answers, milliseconds. */
const LAST_MS = 10_000;
/** Pauses between two tries, milliseconds: they double. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 500;
/** Time after which one that listens again is held to last, milliseconds. */
const STEADY_MS = 1000;
/** File descriptors that a session and a few connections take. */
const ENOUGH_DESCRIPTORS = 16;

type Server = Deno.HttpServer<Deno.NetAddr>;

/**
 * Listens for HTTP; another certificate may take the place of the first.
 *
 * Deno.serve ends for good where a connection can't be taken, as when there is
 * no file descriptor for it. Another one is made at the same port then. What is
 * being answered goes on; the idle connections of the old one are closed, as it
 * would not answer on them any more, which gives descriptors back.
 */
export class HttpListener {
  /**
   * Resolves when it has stopped listening, rejects with a {@linkcode
   * ListenError} where it ended and could not listen again.
   */
  readonly finished: Promise<void>;
  readonly #handler: Deno.ServeHandler<Deno.NetAddr>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #retired = new Set<Promise<void>>();
  readonly #hostname: string;
  readonly #giveUpMs: number;
  readonly #lastMs: number;
  readonly #log: Logger;
  readonly #warnings: LogThrottle;
  #server: Server;
  #tls: TlsIdentity | undefined;
  #isClosed = false;
  /** When it ended, by `performance.now()`; none while it listens. */
  #deafSince: number | undefined;
  #outage: string | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;

  /** @throws what `Deno.serve` throws. */
  constructor(
    { hostname, port, tls, log, ...limits }: HttpListenerOptions,
    handler: Deno.ServeHandler<Deno.NetAddr>,
  ) {
    const { giveUpMs = GIVE_UP_MS, lastMs = LAST_MS } = limits;
    readFirstStack();
    this.finished = this.#finished.promise;
    // Who doesn't wait for it reads of it in the log.
    this.finished.catch(() => {});
    this.#handler = handler;
    this.#hostname = hostname;
    this.#tls = tls;
    this.#giveUpMs = giveUpMs;
    this.#lastMs = lastMs;
    this.#log = log;
    this.#warnings = new LogThrottle(log);
    this.#server = this.#serveAlone(port);
  }

  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  get protocol(): "http" | "https" {
    return this.#tls ? "https" : "http";
  }

  /**
   * Says in a clause why no connection may be taken: it ended, and doesn't
   * listen yet, or has no descriptors. Nothing while all is well.
   */
  get outage(): string | undefined {
    return this.#outage;
  }

  /** How often it has listened again after it had ended. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Uses another certificate for connections that are made from now on; those
   * that are there finish what they are at.
   *
   * Deno.serve keeps the certificate that it has got, so that another one is
   * made at the same port, and listens before the first one stops. A connection
   * that is being made at that very moment may be reset, as the kernel had
   * given it to the first.
   *
   * @throws what `Deno.serve` throws for a certificate that it can't use, and
   * then goes on with the old one.
   */
  replaceCertificate(tls: TlsIdentity): void {
    if (!this.#tls) throw new TypeError("Cannot add TLS to plain HTTP");
    if (this.#isClosed) return;
    this.#replace(this.#serve(this.addr.port, tls));
    this.#tls = tls;
  }

  /** Stops listening, and waits for what is being answered. */
  async shutdown(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#deafSince === undefined) this.#retire(this.#server);
    const retired = Promise.all(this.#retired);
    // Deno waits for ever for a WebSocket whose client left before it was one.
    await settlesWithin(this.#lastMs, retired);
    this.#finished.resolve();
  }

  /**
   * A port that is shared with its successor would be with any other program.
   */
  #serveAlone(port: number): Server {
    if (this.#tls && port !== 0) {
      Deno.listen({ hostname: this.#hostname, port }).close();
    }
    return this.#serve(port, this.#tls);
  }

  #serve(port: number, tls?: TlsIdentity): Server {
    const server = Deno.serve(
      {
        hostname: this.#hostname,
        port,
        ...tls,
        reusePort: tls !== undefined,
        onListen: () => {},
      },
      this.#handler,
    );
    server.finished.catch((error) => this.#lose(server, error));
    return server;
  }

  /** Has another server take the place of the one there is, or was. */
  #replace(server: Server): void {
    if (this.#deafSince === undefined) this.#retire(this.#server);
    else this.#restarts++;
    this.#deafSince = undefined;
    this.#server = server;
  }

  /** Has a server finish what it is at, and close what is idle. */
  #retire(server: Server): void {
    const retired = server.shutdown().catch((error) =>
      this.#log.debug("a listener did not end well", { error })
    );
    this.#retired.add(retired);
    void retired.finally(() => this.#retired.delete(retired));
  }

  #lose(server: Server, error: unknown): void {
    if (server !== this.#server || this.#isClosed) return;
    this.#retire(server);
    this.#deafSince = performance.now();
    if (this.#outage === undefined) {
      this.#warnings.warn("the HTTP listener ended", { why: whyDeaf(error) });
      this.#pauseMs = FIRST_PAUSE_MS;
    }
    this.#outage = isOutOfDescriptors(error)
      ? "too many files are open"
      : "the HTTP listener ended";
    this.#tryLater();
  }

  #tryLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tryAgain(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
  }

  #tryAgain(): void {
    // Another certificate had it listen meanwhile.
    if (this.#deafSince === undefined) return this.#waitForRoom();
    try {
      this.#replace(this.#serveAlone(this.addr.port));
      this.#waitForRoom();
    } catch (error) {
      if (performance.now() - this.#deafSince < this.#giveUpMs) {
        return this.#tryLater();
      }
      this.#isClosed = true;
      const { hostname, port } = this.addr;
      const message = `Can't listen again on ${hostname} port ${port} for ` +
        `${this.#giveUpMs / 1000} s: ${whyDeaf(error)}`;
      this.#finished.reject(new ListenError(message, { cause: error }));
    }
  }

  /** It is back when it has lasted, and there is room for somebody to come. */
  #waitForRoom(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (freeDescriptors(ENOUGH_DESCRIPTORS) < ENOUGH_DESCRIPTORS) {
        return this.#waitForRoom();
      }
      this.#outage = undefined;
      this.#log.info("the HTTP listener is back", { port: this.addr.port });
    }, STEADY_MS);
  }
}

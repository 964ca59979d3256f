import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { foreignText } from "../foreign_text.ts";
import { LogThrottle } from "../limits/log_throttle.ts";
import type { Logger } from "../log.ts";
import { type Bus, BusError, type Respond } from "./bus.ts";
import { outliveTlsResets } from "./tls_resets.ts";
import { credentialsOf, readSmallFile } from "./nats_credentials.ts";

/** Time for the first connection, milliseconds. */
const CONNECT_MS = 5_000;
/** Time between two tries to connect again, milliseconds. */
const RECONNECT_MS = 500;
/** A server that answers no ping for twice so long is lost, milliseconds. */
const PING_MS = 2_000;
/** Of NATS' own, where its server names none. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

export interface NatsBusOptions {
  /** Of one cluster: `nats://[USER:PASSWORD@]HOST[:4222]`, or `tls://…`. */
  servers: readonly string[];
  /** What the connection is called in NATS' own lists. */
  name: string;
  /**
   * A file that says who this node is: a `.creds` file, the seed of a user's
   * key, or `USER:PASSWORD`. @default {who the URL says}
   */
  credentials?: string;
  /** A file of authorities, in PEM, whose servers alone are taken. */
  authorities?: string;
  log: Logger;
}

/** Carries messages over NATS; a connection that is lost is made again. */
export class NatsBus implements Bus {
  readonly #nats: NatsConnection;
  readonly #lines: LogThrottle;
  readonly #life: DisposableStack;
  #isConnected = true;
  #isOver = false;

  private constructor(
    nats: NatsConnection,
    log: Logger,
    life: DisposableStack,
  ) {
    this.#nats = nats;
    this.#lines = new LogThrottle(log);
    this.#life = life;
    void this.#follow(log);
  }

  /**
   * Connects.
   *
   * @throws {BusError} naming the servers and what is wrong.
   */
  static async connect(
    { servers, name, credentials, authorities, log }: NatsBusOptions,
  ): Promise<NatsBus> {
    const urls = servers.map((server) => new URL(server));
    const [{ username, password, protocol }] = urls;
    // Loaded where it is asked for: a single server needs none of it.
    const { connect, ...makers } = await import("@nats-io/transport-node");
    const authenticator = credentials === undefined
      ? undefined
      : credentialsOf(credentials, makers);
    const ca = authorities === undefined
      ? undefined
      : readSmallFile(authorities);
    using life = new DisposableStack();
    if (protocol === "tls:") life.use(outliveTlsResets());
    try {
      const nats = await connect({
        servers: urls.map(({ host }) => host),
        name,
        timeout: CONNECT_MS,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
        // Its users may be changed before the node's command line is.
        ignoreAuthErrorAbort: true,
        pingInterval: PING_MS,
        ...username === "" ? {} : {
          user: decodeURIComponent(username),
          pass: decodeURIComponent(password),
        },
        ...authenticator === undefined ? {} : { authenticator },
        ...protocol === "tls:" ? { tls: { ca } } : {},
      });
      return new NatsBus(nats, log, life.move());
    } catch (cause) {
      const why = foreignText(cause instanceof Error ? cause.message : "");
      const hosts = urls.map(({ host }) => host).join(", ");
      throw new BusError(
        `Can't join the cluster: no NATS server answers at ${hosts} (${why}); ` +
          "is it running there, and are its certificate and who this node is right?",
        { cause },
      );
    }
  }

  get maxPayload(): number {
    return this.#nats.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  publish(subject: string, bytes: Uint8Array): void {
    // What is published now would wait in memory, and be old when it goes.
    if (this.#isConnected && this.#fits(bytes)) {
      this.#nats.publish(subject, bytes);
    }
  }

  subscribe(
    subject: string,
    take: (bytes: Uint8Array, respond: Respond) => void,
  ): Disposable {
    const subscription = this.#nats.subscribe(subject, {
      callback: (error: Error | null, message: Msg) => {
        if (error !== null) return;
        const respond = (bytes: Uint8Array) => {
          if (this.#isConnected && this.#fits(bytes)) message.respond(bytes);
        };
        try {
          take(message.data, respond);
        } catch (error) {
          this.#lines.warn("a node says what can't be used", { error });
        }
      },
    });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  async request(
    subject: string,
    bytes: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    if (!this.#isConnected) throw new BusError("NATS is not connected");
    try {
      const options = { timeout: timeoutMs };
      return (await this.#nats.request(subject, bytes, options)).data;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : "";
      throw new BusError(`No answer over NATS: ${foreignText(why)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    // What was said last goes out first.
    if (this.#isConnected) await this.#nats.flush().catch(() => {});
    this.#isConnected = false;
    await this.#nats.close();
    this.#life.dispose();
  }

  /** What is too large is told here: NATS itself would throw. */
  #fits({ length }: Uint8Array): boolean {
    const { maxPayload } = this;
    if (length <= maxPayload) return true;
    const better = "raise max_payload of the NATS servers";
    this.#lines.warn("a message is too large for NATS", {
      ...{ bytes: length, maxPayload, better },
    });
    return false;
  }

  async #follow(log: Logger): Promise<void> {
    for await (const status of this.#nats.status()) {
      if (status.type === "disconnect") {
        this.#isConnected = false;
        log.warn("NATS is lost; what is here goes on", {
          server: status.server,
        });
      } else if (status.type === "reconnect") {
        this.#isConnected = true;
        log.info("NATS is back", { server: status.server });
      } else if (status.type === "error") {
        this.#lines.warn("NATS complains", { error: status.error });
      }
    }
    if (this.#isOver) return;
    this.#isConnected = false;
    log.error("NATS is lost for good: start this node again");
  }
}

import { STATUS_CODE } from "@std/http/status";
import { unlessAborted } from "../async.ts";
import type { MediaKind } from "../media/frame.ts";
import { AckTracker } from "./ack_tracker.ts";
import type { Dialect } from "../wire/dialect.ts";
import { SignalingError } from "../signaling/errors.ts";
import { ConnectionError } from "../transport/errors.ts";
import type { FrameQueueCounters } from "../wire/frame_queue.ts";
import type { CapturedFrame } from "./points_sender.ts";
import {
  type ConnectionEnd,
  type ConnectionOptions,
  PublisherConnection,
} from "./connection.ts";
import { OutOfTimeError, retry } from "./retry.ts";

export interface UplinkOptions extends ConnectionOptions {
  /**
   * Milliseconds after which it gives up connecting again, from when the loss is
   * noticed; 0 never does it.
   */
  reconnectForMs: number;
}

/** A time without a connection; moments are those of `performance.now()`. */
export interface UplinkOutage {
  startedAt: number;
  /** None while it goes on. */
  endedAt?: number;
  /** How the connection was lost, in one sentence. */
  reason: string;
  framesDropped: number;
  framesUnacknowledged: number;
}

/** Time for the first connection, whatever it takes to make it. */
const CONNECT_TIMEOUT_MS = 30_000;
/** Time for one answer while connecting again: the network may swallow it. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Answers that would be the same again: deleted, or not let in. */
const FINAL_STATUS = [
  STATUS_CODE.Gone,
  STATUS_CODE.Unauthorized,
  STATUS_CODE.Forbidden,
];
/** A connection that lasts less long doesn't make the back-off start anew. */
const LASTING_MS = 10_000;

/**
 * What a publisher sends over: one connection, and after its loss another. Frames
 * that come in between are dropped, all but the newest, which the next connection
 * begins with. The counters go on.
 */
export class Uplink implements AsyncDisposable {
  /** Oldest first; the last one may go on. */
  readonly outages: UplinkOutage[] = [];
  readonly #options: UplinkOptions;
  readonly #stop = new AbortController();
  readonly #lost = new AbortController();
  /** What connections that are over have come to. */
  readonly #tracker = new AckTracker();
  readonly #counters: FrameQueueCounters = {
    framesSent: 0,
    framesDropped: 0,
    pointsSent: 0,
    bytesSent: 0,
  };
  readonly #packets: Record<MediaKind, number> = { video: 0, audio: 0 };
  #unsendable: string | undefined;
  #session: string | undefined;
  #dialect: Dialect;
  #connection: PublisherConnection | undefined;
  #connectedAt = 0;
  #tries = 0;
  #waiting: CapturedFrame | undefined;
  #living: Promise<void> | undefined;

  private constructor(options: UplinkOptions) {
    this.#options = options;
    this.#dialect = options.dialect ?? "pointwire";
  }

  /**
   * Makes the first connection, with a fresh attempt where one is dead.
   *
   * @throws {SignalingError} when the server can't be asked or says no.
   * @throws {ConnectionError} when there is no connection within 30 s.
   * @throws the signal's reason when it is aborted.
   */
  static async open(
    options: UplinkOptions,
    signal: AbortSignal,
  ): Promise<Uplink> {
    const uplink = new Uplink(options);
    uplink.#use(await connectFirst(options, signal));
    const { session, dialect } = uplink;
    options.log.info("connected", { session, dialect });
    uplink.#living = uplink.#live();
    return uplink;
  }

  /** Aborted with a {@linkcode ConnectionError} when it is over for good. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The last session's id; a server that isn't pointwire's names none. */
  get session(): string | undefined {
    return this.#session;
  }

  get dialect(): Dialect {
    return this.#connection?.points.dialect ?? this.#dialect;
  }

  get counters(): FrameQueueCounters {
    const sum = { ...this.#counters };
    addUp(sum, this.#connection?.points.counters);
    return sum;
  }

  get packets(): Readonly<Record<MediaKind, number>> {
    const sum = { ...this.#packets };
    addUp(sum, this.#connection?.packets);
    return sum;
  }

  /** The book of all frames so far. */
  get tracker(): AckTracker {
    const sum = new AckTracker();
    sum.add(this.#tracker);
    if (this.#connection) sum.add(this.#connection.points.tracker);
    return sum;
  }

  get framesAcked(): number {
    return this.#tracker.framesAcked +
      (this.#connection?.framesAcked ?? 0);
  }

  /** Frames that may still be sent or acknowledged. */
  get framesUndelivered(): number {
    return this.#connection?.framesUndelivered ??
      (this.#waiting === undefined ? 0 : 1);
  }

  get queuedBytes(): number {
    return this.#connection?.points.queuedBytes ??
      this.#waiting?.cloud.values.byteLength ?? 0;
  }

  get roundTripMs(): number | undefined {
    return this.#connection?.roundTripMs;
  }

  /** Why a frame could not be sent, where one could not. */
  get unsendable(): string | undefined {
    return this.#unsendable ?? this.#connection?.points.unsendable;
  }

  /** The outage that goes on. */
  get outage(): UplinkOutage | undefined {
    const last = this.outages.at(-1);
    return last?.endedAt === undefined ? last : undefined;
  }

  /** Takes one frame; it is sent, or counted as dropped. */
  send(frame: CapturedFrame): void {
    if (this.#connection && !this.outage) return this.#connection.send(frame);
    this.#dropWaiting();
    this.#waiting = frame;
  }

  /** Gives up what is under way, for the last look at what came of it all. */
  settle(): void {
    this.#stop.abort();
    this.#dropWaiting();
    this.#endOutage();
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.settle();
    await this.#living;
    await this.#leave();
  }

  /** Connects again and again, until it is over for good. */
  async #live(): Promise<void> {
    const { signal } = this.#stop;
    const { reconnectForMs, log } = this.#options;
    try {
      while (true) {
        const connection = this.#connection!;
        const end = await unlessAborted(connection.ended, signal);
        await this.#beginOutage(connection, end);
        if (!end.comesBack || reconnectForMs === 0) throw closed(end.why);
        log.warn("connection lost", { reason: end.why });
        this.#use(await this.#reconnect(end));
        this.#endOutage();
        log.info("connected again", { session: this.#session });
      }
    } catch (error) {
      if (!signal.aborted) this.#lost.abort(error);
    }
  }

  #use(connection: PublisherConnection): void {
    this.#connection = connection;
    this.#connectedAt = performance.now();
    this.#session = connection.session;
    this.#dialect = connection.points.dialect;
    if (this.#waiting) connection.send(this.#waiting);
    this.#waiting = undefined;
  }

  async #beginOutage(
    connection: PublisherConnection,
    { why }: ConnectionEnd,
  ): Promise<void> {
    const startedAt = Math.max(connection.heardAt, this.#connectedAt);
    const outage = {
      startedAt,
      reason: why,
      framesDropped: 0,
      framesUnacknowledged: 0,
    };
    this.outages.push(outage);
    await this.#leave();
    outage.framesDropped += connection.framesDroppedInSilence;
    // What waited was counted as dropped when it closed.
    outage.framesUnacknowledged = connection.framesUndelivered;
  }

  #endOutage(): void {
    if (this.outage) this.outage.endedAt = performance.now();
  }

  /** Hangs up, and adds the connection's counts to those of all before. */
  async #leave(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#options.media?.detach();
    await connection[Symbol.asyncDispose]();
    this.#connection = undefined;
    this.#tracker.add(connection.points.tracker);
    this.#unsendable ??= connection.points.unsendable;
    addUp(this.#counters, connection.points.counters);
    addUp(this.#packets, connection.packets);
  }

  #dropWaiting(): void {
    if (this.#waiting === undefined) return;
    this.#waiting = undefined;
    this.#counters.framesDropped++;
    if (this.outage) this.outage.framesDropped++;
  }

  async #reconnect({ why }: ConnectionEnd): Promise<PublisherConnection> {
    const { reconnectForMs, log, dialect } = this.#options;
    const resumes = this.#session;
    const options: UplinkOptions = {
      ...this.#options,
      // One that isn't ours would only be asked the same in vain.
      dialect: resumes === undefined ? this.#dialect : dialect,
      post: {
        ...this.#options.post,
        tries: 1,
        timeoutMs: ANSWER_TIMEOUT_MS,
        resumes,
      },
    };
    const lasted = performance.now() - this.#connectedAt >= LASTING_MS;
    try {
      const { result, tries } = await retry(
        (signal) => PublisherConnection.open(options, signal),
        {
          budgetMs: reconnectForMs,
          tries: lasted ? 0 : this.#tries,
          signal: this.#stop.signal,
          isFinal,
          onFailure: (error) => log.info("not connected yet", { error }),
        },
      );
      this.#tries = tries;
      return result;
    } catch (error) {
      if (!(error instanceof OutOfTimeError)) throw error;
      const seconds = reconnectForMs / 1000;
      const last = messageOf(error.cause);
      throw closed(`${why}; no new connection within ${seconds} s: ${last}`);
    }
  }
}

/** Makes the first connection; a server that can't be asked ends it at once. */
async function connectFirst(
  options: UplinkOptions,
  signal: AbortSignal,
): Promise<PublisherConnection> {
  const { log, signaling } = options;
  try {
    const { result } = await retry(
      (signal) => PublisherConnection.open(options, signal),
      {
        budgetMs: CONNECT_TIMEOUT_MS,
        signal,
        isFinal: (error) => error instanceof SignalingError || isFinal(error),
        onFailure: (error) => log.info("not connected yet", { error }),
      },
    );
    return result;
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    const { cause } = error;
    const within = `within ${CONNECT_TIMEOUT_MS / 1000} s`;
    if (!(cause instanceof ConnectionError)) {
      throw new SignalingError(`${signaling} did not answer ${within}`);
    }
    const why = cause.message.replace(/^No connection[^:]*: /, "");
    throw new ConnectionError(
      cause.reason,
      `No connection ${within}: ${why}`,
      { cause },
    );
  }
}

/** The server doesn't want it, or something is wrong that time doesn't mend. */
function isFinal(error: unknown): boolean {
  if (error instanceof SignalingError) {
    return FINAL_STATUS.some((status) => status === error.status);
  }
  return !(error instanceof ConnectionError) || error.reason === "closed";
}

function closed(why: string): ConnectionError {
  return new ConnectionError("closed", why);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Adds each number of `more` to that of `sum`. */
function addUp<T extends Record<keyof T, number>>(sum: T, more?: T): void {
  if (more === undefined) return;
  for (const name in sum) (sum[name] as number) += more[name];
}

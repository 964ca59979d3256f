import { unlessAborted } from "../async.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { Logger } from "../log.ts";
import { connectFirst } from "../signaling/connect_first.ts";
import { ConnectionError } from "../transport/errors.ts";
import type { Dialect } from "../wire/dialect.ts";
import type { FrameQueueCounters } from "../wire/frame_queue.ts";
import { AckTracker } from "./ack_tracker.ts";
import { type Connect, connectAgain } from "./connect.ts";
import type { ConnectionEnd } from "./connection.ts";
import type { CapturedFrame } from "./points_sender.ts";
import { addUp, noFrames, type PacketCounts } from "./totals.ts";
import { type UplinkSender, UplinkStream } from "./uplink_stream.ts";

/** What an uplink needs of a connection. */
export interface UplinkConnection extends AsyncDisposable {
  /** The session's id; a server that isn't pointwire's names none. */
  readonly session?: string;
  /** What the session is called, where it has an id. */
  readonly name?: string;
  readonly dialect: Dialect;
  /** RTP packets that it has sent. */
  readonly packets: Readonly<PacketCounts>;
  /** One for each stream of the uplink. */
  readonly streams: readonly UplinkSender[];
  /** Settles when it can't be used any more. */
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves with one sentence where it is to go on at another server. */
  readonly sentAway: Promise<string>;
  /** When something came from the server last, by the uplink's clock. */
  readonly heardAt: number;
  readonly roundTripMs?: number;
  /** Frames that it took, didn't drop, and has no acknowledgement of yet. */
  readonly framesUndelivered: number;
  /** Frames that it dropped since the last sign of life. */
  readonly framesDroppedInSilence: number;
  /** Takes one frame of a stream; it is sent, or counted as dropped. */
  send(frame: CapturedFrame, stream: number): void;
  /** Leaves the adaptation to the next connection, or takes it up again. */
  setAdapting(isAdapting: boolean): void;
  /** Notes how many frames the receiver has, where only this side knows. */
  updateAcked(): void;
}

export interface UplinkOptions {
  /** Makes one attempt at a connection. */
  connect: Connect<UplinkConnection>;
  /** The server, as errors name it. */
  signaling: string;
  /** The dialect to ask for. */
  dialect: Dialect;
  /** What the streams are called. @default {["points"]} */
  streams?: readonly string[];
  /** What the sessions are to be called: that is waited for for a while. */
  name?: string;
  /** What this machine is called, to make a name of. */
  machine?: string;
  /**
   * Time for which it tries to connect again, from when a loss is noticed; 0
   * doesn't. Milliseconds.
   */
  reconnectForMs: number;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
  log: Logger;
}

/** A time without a connection; moments are those of the uplink's clock. */
export interface UplinkOutage {
  startedAt: number;
  /** None while it goes on. */
  endedAt?: number;
  /** How the connection was lost, in one sentence. */
  reason: string;
  framesDropped: number;
  framesUnacknowledged: number;
}

/** Silence after which a server takes a client for gone, and then some. */
const NAME_IN_USE_MS = 15_000;
/** A connection that lasts less long doesn't make the back-off start anew. */
const LASTING_MS = 10_000;

/**
 * What a publisher sends over: one connection, and after its loss another.
 * Frames that come in between are dropped, all but the newest, which the next
 * connection begins with, of each stream. The counters go on.
 */
export class Uplink implements AsyncDisposable {
  /** Oldest first; the last one may go on. */
  readonly outages: UplinkOutage[] = [];
  /** In the order of the options. */
  readonly streams: readonly UplinkStream[];
  readonly #options: UplinkOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #lost = new AbortController();
  /** RTP packets of connections that are over. */
  readonly #pastPackets: PacketCounts = { video: 0, audio: 0 };
  #session: string | undefined;
  #name: string | undefined;
  #dialect: Dialect;
  #connection: UplinkConnection | undefined;
  #connectedAt = 0;
  #tries = 0;
  #living: Promise<void> | undefined;

  private constructor(options: UplinkOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#dialect = options.dialect;
    const { streams = ["points"] } = options;
    this.streams = streams.map((name) => new UplinkStream(name));
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
    const { connect, signaling, name: asked, machine, log } = options;
    const attempt = {
      dialect: options.dialect,
      post: { name: asked, machine },
    };
    uplink.#use(
      await connectFirst((signal) => connect(attempt, signal), {
        server: signaling,
        signal,
        clock: uplink.#clock,
        log,
        // A client that was killed and started again has it until then.
        conflictMs: NAME_IN_USE_MS,
      }),
    );
    const { session, name, dialect } = uplink;
    log.info("connected", { session, name, dialect });
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

  /** What the last session is called, where it has an id. */
  get name(): string | undefined {
    return this.#name;
  }

  get dialect(): Dialect {
    return this.#connection?.dialect ?? this.#dialect;
  }

  /** The counts of all streams. */
  get counters(): FrameQueueCounters {
    const sum = noFrames();
    for (const { counters } of this.streams) addUp(sum, counters);
    return sum;
  }

  get packets(): PacketCounts {
    const sum = { ...this.#pastPackets };
    if (this.#connection) addUp(sum, this.#connection.packets);
    return sum;
  }

  /** The book of all streams' frames so far. */
  get tracker(): AckTracker {
    const sum = new AckTracker();
    for (const { tracker } of this.streams) sum.add(tracker);
    return sum;
  }

  /** Frames that the servers say they have, as of the last `updateAcked`. */
  get framesAcked(): number {
    return this.streams.reduce((sum, { framesAcked }) => sum + framesAcked, 0);
  }

  /** Frames that may still be sent or acknowledged. */
  get framesUndelivered(): number {
    return this.#connection?.framesUndelivered ??
      this.streams.filter(({ isWaiting }) => isWaiting).length;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.streams.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
  }

  get roundTripMs(): number | undefined {
    return this.#connection?.roundTripMs;
  }

  /** Why a frame could not be sent, where one could not. */
  get unsendable(): string | undefined {
    return this.streams.find(({ unsendable }) => unsendable)?.unsendable;
  }

  /** The outage that goes on. */
  get outage(): UplinkOutage | undefined {
    const last = this.outages.at(-1);
    return last?.endedAt === undefined ? last : undefined;
  }

  /**
   * Takes one frame; it is sent, or counted as dropped.
   *
   * @param stream index of its stream.
   */
  send(frame: CapturedFrame, stream = 0): void {
    if (this.#connection && !this.outage) {
      return this.#connection.send(frame, stream);
    }
    if (this.streams[stream].wait(frame)) this.#noteDropped();
  }

  /** Notes how many frames the receiver has, where only this side knows. */
  updateAcked(): void {
    this.#connection?.updateAcked();
  }

  /** Gives up what is under way, for the last look at what came of it all. */
  settle(): void {
    this.#stop.abort();
    this.updateAcked();
    for (const stream of this.streams) {
      if (stream.dropWaiting()) this.#noteDropped();
    }
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
    const { reconnectForMs } = this.#options;
    try {
      while (true) {
        const connection = this.#connection!;
        const { ended, sentAway } = connection;
        const end = await unlessAborted(
          Promise.race([ended, sentAway]),
          signal,
        );
        if (typeof end !== "string") await this.#comeBack(connection, end);
        else if (reconnectForMs === 0 || !await this.#move(connection, end)) {
          const end = await unlessAborted(ended, signal);
          await this.#comeBack(connection, end);
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#lost.abort(error);
    }
  }

  /** Connects again after a connection that has ended. */
  async #comeBack(
    connection: UplinkConnection,
    end: ConnectionEnd,
  ): Promise<void> {
    const { reconnectForMs, log } = this.#options;
    await this.#beginOutage(connection, end.why);
    if (!end.comesBack || reconnectForMs === 0) {
      throw new ConnectionError("closed", end.why);
    }
    log.warn("connection lost", { reason: end.why });
    this.#use(await this.#reconnect(end.why));
    this.#endOutage();
    log.info("connected again", { session: this.#session });
  }

  /**
   * Goes over to a connection to another server, while the one that there is
   * goes on as long as it does: a server that has the other ends it.
   *
   * @returns false where there is no other.
   */
  async #move(connection: UplinkConnection, why: string): Promise<boolean> {
    const { log } = this.#options;
    log.info("moving to another server", { reason: why });
    connection.setAdapting(false);
    const reconnecting = this.#reconnect(why);
    const isFree = await Promise.race([
      reconnecting.then(() => true, () => false),
      connection.ended.then(() => true),
    ]);
    if (!isFree) {
      connection.setAdapting(true);
      return false;
    }
    await this.#beginOutage(connection, why, this.#clock.now());
    this.#use(await reconnecting);
    this.#endOutage();
    log.info("moved", { session: this.#session });
    return true;
  }

  #use(connection: UplinkConnection): void {
    this.#connection = connection;
    this.#connectedAt = this.#clock.now();
    this.#session = connection.session;
    this.#name = connection.name;
    this.#dialect = connection.dialect;
    for (const [i, stream] of this.streams.entries()) {
      const frame = stream.use(connection.streams[i]);
      if (frame !== undefined) connection.send(frame, i);
    }
  }

  async #beginOutage(
    connection: UplinkConnection,
    reason: string,
    startedAt = Math.max(connection.heardAt, this.#connectedAt),
  ): Promise<void> {
    const outage = {
      startedAt,
      reason,
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
    if (this.outage) this.outage.endedAt = this.#clock.now();
  }

  /** Hangs up, and adds the connection's counts to those of all before. */
  async #leave(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    await connection[Symbol.asyncDispose]();
    this.#connection = undefined;
    addUp(this.#pastPackets, connection.packets);
    for (const stream of this.streams) stream.leave();
  }

  #noteDropped(): void {
    if (this.outage) this.outage.framesDropped++;
  }

  async #reconnect(why: string): Promise<UplinkConnection> {
    const { connect, reconnectForMs, name, machine, log, dialect } =
      this.#options;
    const resumes = this.#session;
    const lasted = this.#clock.now() - this.#connectedAt >= LASTING_MS;
    const { result, tries } = await connectAgain({
      connect,
      attempt: {
        // One that isn't ours would only be asked the same in vain.
        dialect: resumes === undefined ? this.#dialect : dialect,
        // What the server made of the machine's name is asked for again.
        post: { resumes, name, machine: this.#name ?? machine },
      },
      clock: this.#clock,
      log,
      budgetMs: reconnectForMs,
      tries: lasted ? 0 : this.#tries,
      why,
    }, this.#stop.signal);
    this.#tries = tries;
    return result;
  }
}

import { PointsError } from "../points/errors.ts";
import {
  CloudReader,
  type WatchedCloud,
  type WatchedFrame,
} from "./cloud_reader.ts";
import {
  Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  type WatchEnd,
} from "./connection.ts";
import type { WatchCounters } from "./frame_receiver.ts";
import { Newest } from "./newest.ts";

/** What is done with what a session has. */
export interface SessionCallbacks
  extends Pick<ConnectionEvents, "onMediaFrame"> {
  /** Called for each cloud, as it comes. */
  onCloud?(cloud: WatchedCloud): void;
}

/**
 * A session that a program watches. Its clouds are iterated over; one that takes
 * its time with each gets the newest next, and never those that were overtaken.
 */
export class WatchedSession
  implements AsyncDisposable, AsyncIterable<WatchedCloud> {
  /** The session's id. */
  readonly id: string;
  /** Settles when no more clouds come, with the reason; it never rejects. */
  readonly ended: Promise<WatchEnd>;
  readonly #connection: Connection;
  readonly #newest: Newest<WatchedFrame>;

  private constructor(id: string, connection: Connection, newest: Newest<WatchedFrame>) {
    this.id = id;
    this.#connection = connection;
    this.#newest = newest;
    this.ended = connection.ended;
  }

  /**
   * Connects to a session; `signal` ends it later too.
   *
   * @throws {NoSessionError} where there is no such session.
   * @throws {SignalingError} when the server can't be asked or says no.
   * @throws {ConnectionError} when no connection is made.
   * @throws the signal's reason when it is aborted before.
   */
  static async open(
    options: ConnectionOptions,
    { onCloud, onMediaFrame }: SessionCallbacks,
    signal: AbortSignal,
  ): Promise<WatchedSession> {
    const newest = new Newest<WatchedFrame>();
    const reader = new CloudReader();
    const connection = await Connection.open(options, {
      onFrame(frame) {
        newest.set(frame);
        if (onCloud === undefined) return;
        const cloud = reader.read(frame);
        callProgram(() => onCloud(cloud));
      },
      onMediaFrame: onMediaFrame &&
        ((frame) => callProgram(() => onMediaFrame(frame))),
    }, signal);
    const leave = () => void connection[Symbol.asyncDispose]();
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave);
    void connection.ended.then(({ code }) => {
      signal.removeEventListener("abort", leave);
      if (code === "left") newest.clear();
      else newest.end();
    });
    return new WatchedSession(options.session, connection, newest);
  }

  /** What came so far. */
  get counters(): Readonly<WatchCounters> {
    return { ...this.#connection.frames.counters };
  }

  /**
   * Gives the newest cloud again and again, until the session ends or the program
   * leaves. A cloud's values are valid until the next one is asked for.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchedCloud, void, void> {
    const reader = new CloudReader();
    for await (const frame of this.#newest) {
      let cloud: WatchedCloud;
      try {
        cloud = reader.read(frame);
      } catch (error) {
        if (!(error instanceof PointsError)) throw error;
        this.#connection.frames.invalid(error);
        continue;
      }
      yield cloud;
    }
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** What a program's own callback throws is the program's, and nobody else's. */
function callProgram(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}

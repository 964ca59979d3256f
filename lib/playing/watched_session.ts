import type { MediaFrame } from "../media/frame.ts";
import type { PointCloud } from "../points/cloud.ts";
import { PointsError } from "../points/errors.ts";
import { connectFirst } from "../signaling/connect_first.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame_reader.ts";
import type { StreamPlace } from "../wire/messages.ts";
import {
  Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  type WatchEnd,
} from "./connection.ts";
import type { WatchCounters } from "./frame_receiver.ts";
import { Newest } from "./newest.ts";

/** What happens in a session while it is watched. */
export interface WatchEvents {
  /**
   * Called with where a stream's coordinates stand, before its frames where its
   * publisher says that, and when it changes.
   */
  onPlace?(stream: string, place: StreamPlace): void;
  /** Called for each whole frame, as it came. */
  onFrame?(frame: EncodedFrame): void;
  /**
   * Called for each whole frame, decoded. The values are valid until the next
   * frame comes; copy what is to be kept.
   */
  onCloud?(cloud: PointCloud, frame: EncodedFrame): void;
  /**
   * Called for each whole frame of audio or video; without it neither is sent.
   */
  onMediaFrame?(frame: MediaFrame): void;
}

/** A cloud, and the frame that it came as. */
export interface WatchedCloud {
  /** Its values are valid until the next one is asked for. */
  cloud: PointCloud;
  /** Its stream, its number, its time, and its bytes as they came. */
  frame: EncodedFrame;
}

/**
 * A session that a program watches. A loop over it gets the clouds of all its
 * streams; one that takes its time with each gets the newest of each next, and
 * misses what those overtook.
 */
export class WatchedSession
  implements AsyncDisposable, AsyncIterable<WatchedCloud> {
  /** The session's id. */
  readonly id: string;
  /** Where the coordinates of each stream stand, as far as that is known. */
  readonly places: ReadonlyMap<string, StreamPlace>;
  /** Settles, with why, when no more comes; it never rejects. */
  readonly ended: Promise<WatchEnd>;
  readonly #connection: Connection;
  readonly #newest: Newest<EncodedFrame>;

  private constructor(
    id: string,
    { connection, newest, places }: {
      connection: Connection;
      newest: Newest<EncodedFrame>;
      places: ReadonlyMap<string, StreamPlace>;
    },
  ) {
    this.id = id;
    this.places = places;
    this.#connection = connection;
    this.#newest = newest;
    this.ended = connection.ended;
  }

  /**
   * Connects to a session; `signal` ends it later too.
   *
   * @throws {NoSessionError} where there is no such session.
   * @throws {SignalingError} when the server can't be asked or says no.
   * @throws {ConnectionError} when there is no connection within 30 s.
   * @throws the signal's reason when it is aborted before.
   */
  static async open(
    options: ConnectionOptions,
    events: WatchEvents,
    signal: AbortSignal,
  ): Promise<WatchedSession> {
    const newest = new Newest<EncodedFrame>();
    const places = new Map<string, StreamPlace>();
    const { onMediaFrame } = events;
    const handlers: ConnectionEvents = {
      onFrame: frameHandler(newest, events),
      onPlace(stream, place) {
        places.set(stream, place);
        callProgram(() => events.onPlace?.(stream, place));
      },
      onMediaFrame: onMediaFrame &&
        ((frame) => callProgram(() => onMediaFrame(frame))),
    };
    const { server, session, log } = options;
    const connection = await connectFirst(
      (signal) => Connection.open(options, handlers, signal),
      { server: server.endpoint(session), signal, log },
    );
    const leave = () => void connection[Symbol.asyncDispose]();
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave);
    void connection.ended.then(({ code }) => {
      signal.removeEventListener("abort", leave);
      if (code === "left") newest.clear();
      else newest.end();
    });
    const parts = { connection, newest, places };
    return new WatchedSession(options.session, parts);
  }

  /** What came so far. */
  get counters(): Readonly<WatchCounters> {
    return this.#connection.counters;
  }

  /**
   * Gives the newest cloud again and again, until the session ends or the
   * program leaves. What can't be decoded is counted and passed over.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchedCloud, void, void> {
    let reader: FrameReader | undefined;
    for await (const frame of this.#newest) {
      reader ??= createReader(frame);
      let cloud: PointCloud;
      try {
        cloud = reader.decode(frame);
      } catch (error) {
        if (!(error instanceof PointsError)) throw error;
        this.#connection.invalid(error);
        continue;
      }
      yield { cloud, frame };
    }
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** Makes what hands each frame on. */
function frameHandler(
  newest: Newest<EncodedFrame>,
  { onFrame, onCloud }: WatchEvents,
): (frame: EncodedFrame) => void {
  let reader: FrameReader | undefined;
  return (frame) => {
    newest.set(frame, frame.stream);
    if (onFrame !== undefined) callProgram(() => onFrame(frame));
    if (onCloud === undefined) return;
    reader ??= createReader(frame);
    const cloud = reader.decode(frame);
    callProgram(() => onCloud(cloud, frame));
  };
}

/** Makes a decoder with buffers of its own. */
function createReader({ stream }: EncodedFrame): FrameReader {
  return new FrameReader(stream);
}

/** What a program's own callback throws is the program's, and nobody else's. */
function callProgram(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}

import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { FrameConverter } from "../hosting/frame_converter.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { StreamTap } from "../hosting/stream_tap.ts";
import type { ByteBudget } from "../limits/byte_budget.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FeedReading, type FeedSources } from "./feed_reading.ts";
import { HttpProblem, unavailable } from "./problem.ts";
import type { RouteRequest } from "./route.ts";

/** What requests for clouds are answered with. */
export interface CloudSources extends FeedSources {
  host: SessionHost;
  converter: FrameConverter;
  /** What is held of answers that were not taken yet. */
  budget: ByteBudget;
}

/** How long a request waits for a cloud, milliseconds. */
const WAIT_MS = 10_000;

/** How long a cloud that there is may take to get here, milliseconds. */
const CARRY_MS = 3_000;

/** Streams that a session's snapshot names at the most. */
const MAX_NAMED = 32;

/** One request's reading of a session's stream. */
export class StreamReading implements Disposable {
  readonly tap: StreamTap;
  readonly #reading: FeedReading;
  readonly #names: readonly string[];
  readonly #stream: string;
  readonly #life: DisposableStack;

  private constructor(
    tap: StreamTap,
    reading: FeedReading,
    { stream, names, life }: {
      stream: string;
      names: readonly string[];
      life: DisposableStack;
    },
  ) {
    this.tap = tap;
    this.#reading = reading;
    this.#stream = stream;
    this.#names = names;
    this.#life = life;
  }

  /**
   * Begins to read the stream that a request names.
   *
   * @throws {LimitError} where too many read or watch.
   * @throws {HostError} `no-session` or `no-worker`.
   */
  static async open(
    sources: CloudSources,
    { remote, params: { id: session = "", stream = "" } }: RouteRequest,
  ): Promise<StreamReading> {
    const { streams } = await sources.host.session(session);
    using life = new DisposableStack();
    const reading = life.use(
      await FeedReading.open(sources, { session, remote }),
    );
    const tap = life.use(new StreamTap(reading.feed, stream));
    return new StreamReading(tap, reading, {
      stream,
      names: streams.filter(({ frames }) => frames > 0).map(({ name }) => name),
      life: life.move(),
    });
  }

  /** Aborted when the session is over, or the server stops. */
  get signal(): AbortSignal {
    return this.#reading.signal;
  }

  /** Whether a cloud had come before. */
  get hadCloud(): boolean {
    return this.#names.includes(this.#stream) ||
      this.#names.length >= MAX_NAMED;
  }

  /**
   * Takes the newest cloud, or waits a little for the first one.
   *
   * @param isPatient whether to wait where there is none yet.
   * @throws {HttpProblem} 404 where the session has other streams alone, 503
   * where no cloud has come.
   */
  async first(isPatient: boolean): Promise<EncodedFrame> {
    if (this.hadCloud) return await this.next(CARRY_MS);
    if (this.#names.length > 0) throw this.#noStream();
    if (!isPatient) throw unavailable("No cloud has come yet");
    return await this.next();
  }

  /**
   * Takes the next cloud.
   *
   * @throws {HttpProblem} 503 where none comes in time.
   * @throws {HostError} `no-session` where the session ends.
   */
  async next(ms = WAIT_MS): Promise<EncodedFrame> {
    return await this.#reading.wait((signal) => this.tap.take(signal), {
      ms,
      what: "cloud",
    });
  }

  /** Stops reading, and gives the place free. */
  [Symbol.dispose](): void {
    this.#life.dispose();
  }

  #noStream(): HttpProblem {
    const there = this.#names.slice(0, 8).map((name) => cutText(name));
    return new HttpProblem(
      STATUS_CODE.NotFound,
      `The session has no stream ${cutText(this.#stream)}; it has ` +
        there.join(", "),
    );
  }
}

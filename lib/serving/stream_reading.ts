import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { FrameConverter } from "../hosting/frame_converter.ts";
import { noSession } from "../hosting/host_error.ts";
import type { SessionFeeds } from "../hosting/session_feeds.ts";
import type { SessionHost } from "../hosting/session_host.ts";
import { StreamTap } from "../hosting/stream_tap.ts";
import type { ByteBudget } from "../limits/byte_budget.ts";
import type { WatcherPlaces } from "../limits/watcher_places.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { HttpProblem, unavailable } from "./problem.ts";
import type { RouteRequest } from "./route.ts";

/** What requests for clouds are answered with. */
export interface CloudSources {
  host: SessionHost;
  feeds: SessionFeeds;
  converter: FrameConverter;
  /** Those who read count as those who watch. */
  watchers: WatcherPlaces;
  /** What is held of answers that were not taken yet. */
  budget: ByteBudget;
  /** Ends what would go on. */
  signal: AbortSignal;
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
  /** Aborted when the session is over, or the server stops. */
  readonly signal: AbortSignal;
  readonly #names: readonly string[];
  readonly #stream: string;
  readonly #life: DisposableStack;

  private constructor(
    tap: StreamTap,
    signal: AbortSignal,
    { stream, names, life }: {
      stream: string;
      names: readonly string[];
      life: DisposableStack;
    },
  ) {
    this.tap = tap;
    this.signal = signal;
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
    { host, feeds, watchers, signal }: CloudSources,
    { remote, params: { id: session = "", stream = "" } }: RouteRequest,
  ): Promise<StreamReading> {
    const { streams } = await host.session(session);
    using life = new DisposableStack();
    life.use(watchers.enter({ session, remote }));
    const { feed, closed } = life.use(await feeds.open(session));
    const over = new AbortController();
    void closed.then(() => over.abort(noSession(session)));
    const tap = life.use(new StreamTap(feed, stream));
    return new StreamReading(tap, AbortSignal.any([over.signal, signal]), {
      stream,
      names: streams.filter(({ frames }) => frames > 0).map(({ name }) => name),
      life: life.move(),
    });
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
    const late = AbortSignal.timeout(ms);
    try {
      return await this.tap.take(AbortSignal.any([this.signal, late]));
    } catch (error) {
      if (!late.aborted || this.signal.aborted) throw error;
      throw unavailable(`No cloud came within ${ms / 1000} s`);
    }
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

import { settlesWithin } from "../async.ts";
import type { Logger } from "../log.ts";
import { Recorder } from "../recording/recorder.ts";
import type {
  RecordedSession,
  RecordingCounters,
  RecordingOptions,
} from "../recording/recording_options.ts";
import { carryByPort } from "./feed_carrier.ts";
import { FeedMirror } from "./feed_link.ts";

/** Opens a session's feed for who records it: again, where that is lost. */
export type OpenFeed = () => Promise<MessagePort>;

/**
 * Where sessions are recorded: here, or in a Worker. Every call is plain data
 * both ways, besides the port of a session's feed, which is moved.
 */
export interface RecordingDesk {
  /** Records a session, whose feed comes over the port. */
  start(session: RecordedSession, feed: MessagePort): Promise<void>;
  /** Ends a session's recording; resolves when its files are whole. */
  stop(id: string): Promise<void>;
  /** Says what came of all recordings so far. */
  counters(): Promise<RecordingCounters>;
  /** Ends all recordings; resolves when their files are whole. */
  close(): Promise<void>;
}

/** Time that feeds have to end, milliseconds. */
const FEED_MS = 500;

/** Records in this isolate. */
export class LocalRecordingDesk implements RecordingDesk {
  readonly #recorder: Recorder;
  readonly #mirrors = new Map<string, FeedMirror>();

  /** @throws {RecordingError} where the folder can't be written to. */
  constructor(options: RecordingOptions, log: Logger) {
    this.#recorder = new Recorder(options, log);
  }

  async start(session: RecordedSession, feed: MessagePort): Promise<void> {
    const { id } = session;
    const mirror = new FeedMirror(id, carryByPort(feed), {
      isBusy: true,
      onLeftOut: (frames) => this.#recorder.leftOut(id, frames),
    });
    this.#mirrors.set(id, mirror);
    void mirror.closed.then(() => {
      if (this.#mirrors.get(id) === mirror) this.#mirrors.delete(id);
    });
    await mirror.ready;
    this.#recorder.start(session, mirror);
  }

  async stop(id: string): Promise<void> {
    const stopped = this.#recorder.stop(id);
    this.#mirrors.get(id)?.end("it is not recorded any more", "stopped");
    await stopped;
  }

  // deno-lint-ignore require-await -- that of a Worker has to be asked for
  async counters(): Promise<RecordingCounters> {
    return this.#recorder.counters;
  }

  async close(): Promise<void> {
    const mirrors = [...this.#mirrors.values()];
    // What sessions that are over sent last may still be on its way.
    await settlesWithin(FEED_MS, Promise.all(mirrors.map((m) => m.closed)));
    const closed = this.#recorder.close();
    for (const mirror of mirrors) mirror.end("the recorder stopped", "stopped");
    await closed;
  }
}

import type { Logger } from "../log.ts";
import type { RecordingTotals } from "../recording/recording_options.ts";
import type { SessionSnapshot } from "../session/snapshot.ts";
import { RECORDED_FRAMES_UNDER_WAY } from "./feed_link.ts";
import { HostError } from "./host_error.ts";
import { withLayer } from "./layer.ts";
import type { SessionHost } from "./session_host.ts";
import type { SupervisedDesk } from "./supervised_desk.ts";

/** Time that the feed of a session that is over has to end, milliseconds. */
const FEED_END_MS = 3_000;

/** What {@linkcode Recordings} are made from. */
export interface RecordingsOptions {
  host: SessionHost;
  desk: SupervisedDesk;
  /** Where the desk writes. */
  folder: string;
  /** Tells whether a session is recorded from its start. */
  matches(name: string): boolean;
  log: Logger;
}

/** The sessions of a host that are recorded. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #recorded = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #observing: Disposable;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    const { host, matches } = options;
    this.#observing = host.subscribe({
      onAnswered: (session) => {
        if (!matches(session.name)) return;
        // Before it connects: all of it is recorded.
        const { createdAt } = session;
        this.#start(session, createdAt).catch((error) =>
          this.#tell(session, error)
        );
      },
      onClosed: ({ id }) => this.#finish(id),
    });
  }

  /** Where its files are. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Tells whether a session is recorded. */
  has(id: string): boolean {
    return this.#recorded.has(id);
  }

  /**
   * Begins to record a session that lives, where it isn't recorded already.
   *
   * @throws {HostError} `no-session`.
   * @throws {RecordingError} where nothing can be recorded.
   */
  async start(id: string): Promise<void> {
    const session = await this.#options.host.session(id);
    await this.#start(session, new Date().toISOString());
  }

  /**
   * Ends a session's recording; resolves when its files are whole, with whether
   * there was one.
   */
  async stop(id: string): Promise<boolean> {
    const isRecorded = this.#recorded.delete(id);
    if (isRecorded) await this.#options.desk.stop(id);
    return isRecorded;
  }

  /** Says what came of all recordings so far. */
  async counters(): Promise<RecordingTotals> {
    return await this.#options.desk.counters();
  }

  /** Ends all recordings; resolves when their files are whole. */
  async close(): Promise<void> {
    this.#observing[Symbol.dispose]();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#options.desk.close();
  }

  /** Its feed ends by itself, after all that was in it, unless it is lost. */
  #finish(id: string): void {
    if (!this.#recorded.delete(id)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#options.desk.stop(id).catch(() => {});
    }, FEED_END_MS);
    this.#timers.add(timer);
  }

  async #start({ id, name }: SessionSnapshot, start: string): Promise<void> {
    if (this.#recorded.has(id)) return;
    this.#recorded.add(id);
    try {
      await this.#options.desk.start(
        { id, name, start },
        () => this.#openFeed(id),
      );
    } catch (error) {
      this.#recorded.delete(id);
      throw error;
    }
  }

  async #openFeed(id: string): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel();
    try {
      await this.#options.host.exportFeed(id, port1, RECORDED_FRAMES_UNDER_WAY);
      return port2;
    } catch (error) {
      port2.close();
      throw error;
    }
  }

  #tell({ id: session }: SessionSnapshot, error: unknown): void {
    // It was over before it began.
    if (error instanceof HostError && error.code === "no-session") return;
    this.#options.log.error("session not recorded", { session, error });
  }
}

/** Makes a host whose recordings end with it. */
export function recordHost(
  host: SessionHost,
  recordings: Recordings,
): SessionHost {
  return withLayer(host, {
    async close(reason) {
      await host.close(reason);
      await recordings.close();
    },
  });
}

import type { Logger } from "../log.ts";
import type { Watchable } from "../watching/watcher_registry.ts";
import { DiskBudget } from "./disk_budget.ts";
import { openRecordingFolder } from "./folder.ts";
import {
  noRecordings,
  type RecordedSession,
  type RecordingCounters,
  type RecordingOptions,
} from "./recording_options.ts";
import { SessionRecording } from "./session_recording.ts";

/** Most that waits for the disk, of all sessions together, bytes. */
const MAX_WAITING_BYTES = 256 * 2 ** 20;

/** Records sessions, each into files of its own. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecordingOptions;
  readonly #log: Logger;
  readonly #budget = new DiskBudget(MAX_WAITING_BYTES);
  readonly #recordings = new Map<string, SessionRecording>();
  /** Sessions of which was said that their clouds come too fast. */
  readonly #late = new Set<string>();
  readonly #closing = new Set<Promise<void>>();
  readonly #counters = noRecordings();

  /** @throws {RecordingError} where the folder can't be written to. */
  constructor(options: RecordingOptions, log: Logger) {
    openRecordingFolder(options.folder);
    this.#options = options;
    this.#log = log;
  }

  /** What came of it so far. */
  get counters(): RecordingCounters {
    return { ...this.#counters, recordings: this.#recordings.size };
  }

  /** Records a session until it is over, where it isn't recorded already. */
  start(session: RecordedSession, { feed, closed }: Watchable): void {
    const { id } = session;
    if (this.#recordings.has(id)) return;
    const recording = new SessionRecording(feed, {
      session,
      options: this.#options,
      budget: this.#budget,
      counters: this.#counters,
      log: this.#log.child({ session: id }),
    });
    this.#recordings.set(id, recording);
    void closed.then(() => {
      if (this.#recordings.get(id) === recording) void this.stop(id);
    });
  }

  /** Takes note of clouds that didn't come, as this side was too busy. */
  leftOut(id: string, clouds: number): void {
    this.#counters.dropped += clouds;
    if (this.#late.has(id)) return;
    this.#late.add(id);
    this.#log.warn("recording falls behind: the processor is too busy", {
      session: id,
    });
  }

  /** Ends the recording of a session; resolves when its files are whole. */
  async stop(id: string): Promise<void> {
    const recording = this.#recordings.get(id);
    if (recording === undefined) return;
    this.#recordings.delete(id);
    this.#late.delete(id);
    const closing = recording.close()
      .finally(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
    await closing;
  }

  /** Ends all recordings. */
  async close(): Promise<void> {
    for (const id of [...this.#recordings.keys()]) void this.stop(id);
    await Promise.all(this.#closing);
  }

  /** Ends all recordings. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

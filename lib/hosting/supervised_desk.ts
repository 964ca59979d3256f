import { Backoff } from "../backoff.ts";
import { freeDescriptors, TOO_MANY_OPEN } from "../descriptors.ts";
import type { Logger } from "../log.ts";
import { RecordingError } from "../recording/errors.ts";
import {
  noRecordings,
  type RecordedSession,
  type RecordingCounters,
  type RecordingTotals,
} from "../recording/recording_options.ts";
import { declineFeed } from "./feed_carrier.ts";
import { HostError } from "./host_error.ts";
import type { OpenFeed, RecordingDesk } from "./recording_desk.ts";

/** Options of {@linkcode SupervisedDesk}. */
export interface SupervisedDeskOptions {
  /**
   * Makes a desk.
   *
   * @param onDeath is called where that dies by itself.
   */
  open(onDeath: (why: string) => void): RecordingDesk;
  log: Logger;
}

/** A session that is recorded, as long as it is. */
interface Recorded {
  session: RecordedSession;
  openFeed: OpenFeed;
}

/** Times between two starts, doubled from the first to the most. */
const FIRST_RESTART_MS = 500;
const MAX_RESTART_MS = 30_000;
/** Twice the file descriptors that a Worker takes at its start. */
const WORKER_DESCRIPTORS = 16;

/**
 * Records, whatever becomes of the desk that does: where it dies another takes
 * its place, and the sessions go on in new files.
 */
export class SupervisedDesk {
  readonly #options: SupervisedDeskOptions;
  readonly #recorded = new Map<string, Recorded>();
  readonly #backoff = new Backoff(
    { firstMs: FIRST_RESTART_MS, maxMs: MAX_RESTART_MS },
    performance.now(),
  );
  #desk: RecordingDesk | undefined;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #deaths = 0;
  /** What those counted that died. */
  readonly #before = noRecordings();
  /** What the one that lives counted when it was asked last. */
  #counted = noRecordings();
  #isClosed = false;

  /** @throws {RecordingError} where nothing can be recorded. */
  constructor(options: SupervisedDeskOptions) {
    this.#options = options;
    this.#backoff.next(performance.now());
    this.#desk = this.#open();
  }

  /**
   * Records a session until it is stopped: at once, or as soon as there is
   * somebody who does.
   *
   * @throws {HostError} where its feed can't be opened.
   * @throws {RecordingError} where it can't be recorded.
   */
  async start(session: RecordedSession, openFeed: OpenFeed): Promise<void> {
    const recorded = { session, openFeed };
    this.#recorded.set(session.id, recorded);
    try {
      await this.#begin(recorded);
    } catch (error) {
      this.#recorded.delete(session.id);
      throw error;
    }
  }

  /**
   * Ends a session's recording; resolves when its files are whole.
   *
   * @throws {RecordingError} where who made them has died.
   */
  async stop(id: string): Promise<void> {
    this.#recorded.delete(id);
    await this.#desk?.stop(id);
  }

  /** Says what came of all recordings so far. */
  async counters(): Promise<RecordingTotals> {
    const desk = this.#desk;
    const now = await desk?.counters().catch(() => undefined);
    if (now !== undefined && desk === this.#desk) this.#counted = now;
    const { recordings, openFiles } = now ?? noRecordings();
    return { ...this.#total(), recordings, openFiles, deaths: this.#deaths };
  }

  /** Ends all recordings; resolves when their files are whole. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    await this.#desk?.close();
  }

  #open(): RecordingDesk {
    const desk: RecordingDesk = this.#options.open((why) =>
      this.#bury(desk, why)
    );
    return desk;
  }

  async #begin({ session, openFeed }: Recorded): Promise<void> {
    const desk = this.#desk;
    if (desk === undefined) return;
    const feed = await openFeed();
    const isWanted = this.#recorded.get(session.id)?.openFeed === openFeed;
    if (!isWanted) return declineFeed(feed);
    try {
      await desk.start(session, feed);
    } catch (error) {
      // Who takes its place begins with all that are recorded.
      if (desk === this.#desk) throw error;
    }
  }

  #bury(desk: RecordingDesk, why: string): void {
    if (desk !== this.#desk || this.#isClosed) return;
    this.#desk = undefined;
    this.#deaths++;
    Object.assign(this.#before, this.#total());
    this.#counted = noRecordings();
    this.#plan(why);
  }

  #total(): RecordingCounters {
    const [before, counted] = [this.#before, this.#counted];
    return {
      ...noRecordings(),
      bytes: before.bytes + counted.bytes,
      dropped: before.dropped + counted.dropped,
      errors: before.errors + counted.errors,
    };
  }

  #plan(why: string): void {
    const waitMs = Math.round(this.#backoff.next(performance.now()));
    const sessions = this.#recorded.size;
    this.#options.log.error("the recorder died, and another takes its place", {
      ...{ why, sessions, waitMs },
    });
    this.#restart = setTimeout(() => this.#revive(), waitMs);
  }

  #revive(): void {
    try {
      // Deno ends the process where there are none for a Worker that starts.
      if (freeDescriptors(WORKER_DESCRIPTORS) < WORKER_DESCRIPTORS) {
        throw new RecordingError(TOO_MANY_OPEN);
      }
      this.#desk = this.#open();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return this.#plan(error.message);
    }
    const start = new Date().toISOString();
    for (const { session, openFeed } of this.#recorded.values()) {
      void this.#goOn({ session: { ...session, start }, openFeed });
    }
  }

  async #goOn(recorded: Recorded): Promise<void> {
    const { session: { id: session } } = recorded;
    try {
      await this.#begin(recorded);
    } catch (error) {
      // It is over.
      if (error instanceof HostError && error.code === "no-session") return;
      this.#options.log.error("session not recorded", { session, error });
    }
  }
}

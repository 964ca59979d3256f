import type { Logger } from "../../log.ts";
import type { MediaFrame } from "../../media/frame.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { recordingPath } from "../file_names.ts";
import type {
  RecordedSession,
  RecordingCounters,
  RecordingOptions,
} from "../recording_options.ts";
import type { TimedMediaFrame } from "../track_reader.ts";
import { MediaFile } from "./media_file.ts";

/** What a recording is made from. */
export interface MediaRecordingOptions {
  session: RecordedSession;
  options: RecordingOptions;
  budget: DiskBudget;
  counters: RecordingCounters;
  log: Logger;
  /** Asks all pictures' publishers for a keyframe. */
  requestKeyframes(): void;
}

/** A frame that waits for its file's beginning. */
interface WaitingFrame extends TimedMediaFrame {
  track: string;
}

/** Time that the tracks have to come before a file begins, milliseconds. */
const GATHER_MS = 1_500;
/** Bytes that may wait until then. */
const MAX_GATHERED_BYTES = 16 * 2 ** 20;
/** A track that is silent so long is over in its file, seconds. */
const SILENCE_S = 3;
/** Time until another file is tried after one that failed, milliseconds. */
const RETRY_MS = 60_000;
const EXTENSIONS = ["webm", "mp4", "mkv"];

interface OpenFile {
  media: MediaFile;
  /** When it was begun, and its start by the publisher's clock. */
  begunAt: number;
  start: number;
  bytes: number;
  dropped: number;
}

/**
 * Writes the tracks of one session into a file that players open, in sync. A
 * file has the tracks that came within its first moments; where another one
 * comes, or its codec changes, the next file begins.
 */
export class MediaRecording {
  readonly #given: MediaRecordingOptions;
  readonly #closing = new Set<Promise<void>>();
  #waiting: WaitingFrame[] = [];
  #waitingBytes = 0;
  #waitingSince = 0;
  #file: OpenFile | undefined;
  #files = 0;
  #failedAt = -Infinity;
  #isEndDue = false;

  constructor(given: MediaRecordingOptions) {
    this.#given = given;
  }

  /**
   * Writes a frame of a track.
   *
   * @param now milliseconds since the Unix epoch.
   */
  add(track: string, timed: TimedMediaFrame, now: number): void {
    if (now - this.#failedAt < RETRY_MS) return;
    const { frame } = timed;
    const key = `${track} ${frame.codec}`;
    if (this.#file !== undefined && this.#isOver(this.#file, key, frame, now)) {
      this.#endFile();
    }
    if (this.#file !== undefined) return this.#write(this.#file, key, timed);
    this.#gather({ track: key, ...timed }, now);
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    if (this.#file === undefined && this.#waiting.length > 0) {
      this.#begin(Date.now());
    }
    this.#endFile();
    await Promise.all(this.#closing);
  }

  /** Tells whether a frame goes into the next file. */
  #isOver(file: OpenFile, key: string, frame: MediaFrame, now: number) {
    const { maxBytes = Infinity, maxMs = Infinity } = this.#given.options;
    const isNew = !file.media.has(key);
    const isDue = isNew || file.bytes >= maxBytes ||
      now - file.begunAt >= maxMs;
    if (!isDue) return false;
    if (!this.#isEndDue) {
      this.#isEndDue = true;
      this.#given.requestKeyframes();
    }
    const hasVideo = file.media.newest.some(([name]) => !/ opus$/.test(name));
    return isNew || !hasVideo || (frame.kind === "video" && frame.keyframe);
  }

  #gather(frame: WaitingFrame, now: number): void {
    if (this.#waiting.length === 0) this.#waitingSince = now;
    const hasTrack = this.#waiting.some(({ track }) => track === frame.track);
    // A picture begins with a keyframe.
    if (!hasTrack && !frame.frame.keyframe) return;
    this.#waiting.push(frame);
    this.#waitingBytes += frame.frame.data.length;
    const isDue = now - this.#waitingSince >= GATHER_MS ||
      this.#waitingBytes > MAX_GATHERED_BYTES;
    if (isDue) this.#begin(now);
  }

  #begin(now: number): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const tracks = new Map(
      waiting.map(({ track, frame: { codec } }) => [track, codec]),
    );
    const start = waiting.reduce(
      (least, { time }) => Math.min(least, time),
      Infinity,
    );
    const file = this.#open(now, start, tracks);
    this.#file = file;
    for (const { track, ...timed } of waiting) this.#write(file, track, timed);
  }

  #open(
    now: number,
    start: number,
    tracks: ReadonlyMap<string, MediaFrame["codec"]>,
  ): OpenFile {
    const { session, options, budget, counters, log } = this.#given;
    const isFirst = this.#files++ === 0;
    const named = {
      name: session.name,
      start: isFirst ? Date.parse(session.start) : now,
    };
    const media = new MediaFile(
      recordingPath(options.folder, named, EXTENSIONS),
      {
        budget,
        tracks: [...tracks].map(([key, codec]) => ({
          key,
          codec,
          name: key.slice(0, -codec.length - 1),
        })),
        onWritten: (bytes) => {
          file.bytes += bytes;
          counters.bytes += bytes;
        },
        onFailure: (error) => {
          counters.errors++;
          this.#failedAt = Date.now();
          log.error("recording not whole", { file: media.path, error });
          if (this.#file === file) this.#endFile();
        },
      },
    );
    const file: OpenFile = {
      ...{ media, begunAt: now, start, bytes: 0, dropped: 0 },
    };
    counters.openFiles++;
    this.#isEndDue = false;
    return file;
  }

  #write(file: OpenFile, track: string, { frame, time }: TimedMediaFrame) {
    const { counters, log } = this.#given;
    const { media } = file;
    const seconds = Math.max(0, (time - file.start) / 1000);
    if (!media.add(track, frame, seconds)) {
      counters.dropped++;
      if (file.dropped++ > 0 || media.hasFailed) return;
      log.warn("recording falls behind: the disk is too slow", {
        file: media.path,
      });
      return;
    }
    for (const [name, newest] of media.newest) {
      if (seconds - newest > SILENCE_S) media.endTrack(name);
    }
  }

  #endFile(): void {
    if (this.#file === undefined) return;
    const closing = this.#close(this.#file)
      .then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
    this.#file = undefined;
  }

  async #close(file: OpenFile): Promise<void> {
    const { counters, log } = this.#given;
    await file.media.close();
    counters.openFiles--;
    if (file.media.hasFailed) return;
    const { media: { path }, dropped } = file;
    log.info("recorded", { file: path, dropped });
  }
}

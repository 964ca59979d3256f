import type { Logger } from "../../log.ts";
import type { MediaFrame } from "../../media/frame.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { FileSequence } from "../file_sequence.ts";
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
const EXTENSIONS = ["webm", "mp4", "mkv"];

/**
 * Writes the tracks of one session into a file that players open, in sync. A
 * file has the tracks that came within its first moments; where another one
 * comes, or its codec changes, the next file begins.
 */
export class MediaRecording {
  readonly #given: MediaRecordingOptions;
  readonly #files: FileSequence<MediaFile>;
  #waiting: WaitingFrame[] = [];
  #waitingBytes = 0;
  #waitingSince = 0;
  #waitingUntil = 0;
  /** When the file starts, by the publisher's clock. */
  #start = 0;
  #isEndDue = false;

  constructor(given: MediaRecordingOptions) {
    this.#given = given;
    this.#files = new FileSequence({ ...given, extensions: EXTENSIONS });
  }

  /**
   * Writes a frame of a track.
   *
   * @param now milliseconds since the Unix epoch.
   */
  add(track: string, timed: TimedMediaFrame, now: number): void {
    if (this.#files.isPaused(now)) return;
    const { frame } = timed;
    const key = `${track} ${frame.codec}`;
    const { current } = this.#files;
    if (current === undefined || this.#isOver(current, key, frame, now)) {
      this.#files.end();
      this.#gather({ track: key, ...timed }, now);
    } else this.#write(current, key, timed);
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    if (this.#files.current === undefined && this.#waiting.length > 0) {
      this.#begin(Date.now());
    }
    await this.#files.close();
  }

  /** Tells whether a frame goes into the next file. */
  #isOver(file: MediaFile, key: string, frame: MediaFrame, now: number) {
    const isNew = !file.has(key);
    if (!isNew && !this.#files.isFull(now)) return false;
    if (!this.#isEndDue) {
      this.#isEndDue = true;
      this.#given.requestKeyframes();
    }
    const hasVideo = file.newest.some(([name]) => !/ opus$/.test(name));
    return isNew || !hasVideo || (frame.kind === "video" && frame.keyframe);
  }

  #gather(frame: WaitingFrame, now: number): void {
    // What came before a silence has a file of its own.
    const isSilent = this.#waiting.length > 0 &&
      now - this.#waitingUntil > SILENCE_S * 1000;
    if (isSilent) {
      this.#begin(this.#waitingUntil);
      this.#files.end();
    }
    if (this.#waiting.length === 0) this.#waitingSince = now;
    const hasTrack = this.#waiting.some(({ track }) => track === frame.track);
    // A picture begins with a keyframe.
    if (!hasTrack && !frame.frame.keyframe) return;
    this.#waiting.push(frame);
    this.#waitingUntil = now;
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
    this.#start = waiting.reduce(
      (least, { time }) => Math.min(least, time),
      Infinity,
    );
    const { budget } = this.#given;
    const file = this.#files.begin(now, (path, events) =>
      new MediaFile(path, {
        ...{ budget, ...events },
        tracks: [...tracks].map(([key, codec]) => ({
          key,
          codec,
          name: key.slice(0, -codec.length - 1),
        })),
      }));
    this.#isEndDue = false;
    for (const { track, ...timed } of waiting) this.#write(file, track, timed);
  }

  #write(file: MediaFile, track: string, { frame, time }: TimedMediaFrame) {
    const seconds = Math.max(0, (time - this.#start) / 1000);
    if (!file.add(track, frame, seconds)) return this.#files.drop();
    for (const [name, newest] of file.newest) {
      if (seconds - newest > SILENCE_S) file.endTrack(name);
    }
  }
}

import { Output, StreamTarget } from "mediabunny";
import type { MediaCodec, MediaFrame } from "../../media/frame.ts";
import type { DiskBudget } from "../disk_budget.ts";
import { cannotRecord, type RecordingError } from "../errors.ts";
import type { QueuedFileOptions } from "../queued_file.ts";
import { addTrack, containerFor, type TrackSink } from "./media_track.ts";
import { PositionedFile } from "./positioned_file.ts";

/** A track of a file. */
export interface MediaFileTrack {
  /** What its frames name it by. */
  key: string;
  /** What players call it. */
  name: string;
  codec: MediaCodec;
}

/** Options of a {@linkcode MediaFile}. */
export interface MediaFileOptions extends QueuedFileOptions {
  /** All its tracks: none comes later. */
  tracks: readonly MediaFileTrack[];
  /** What it may hold until it is written. */
  budget: DiskBudget;
}

/** Least time from one frame to the next, seconds: files count milliseconds. */
const LEAST_STEP_S = 0.001;

interface Track {
  readonly sink: TrackSink;
  /** Time of the newest frame, seconds; none before the first. */
  newest?: number;
  isOver: boolean;
}

/**
 * A file of sound and pictures that is being written: WebM, MP4 or Matroska,
 * by its codecs. What came until a second before can be played whatever ends
 * it.
 */
export class MediaFile {
  readonly path: string;
  readonly #budget: DiskBudget;
  readonly #tracks: ReadonlyMap<string, Track>;
  readonly #output: Output;
  readonly #file: PositionedFile;
  readonly #onFailure: QueuedFileOptions["onFailure"];
  readonly #started: Promise<void>;
  #failure: RecordingError | undefined;

  /** @param path without its extension. */
  constructor(
    path: string,
    { tracks, budget, onFailure, onWritten = () => {} }: MediaFileOptions,
  ) {
    const codecs = tracks.map(({ codec }) => codec);
    const { extension, format } = containerFor(codecs);
    this.path = `${path}.${extension}`;
    this.#budget = budget;
    this.#onFailure = onFailure;
    this.#file = new PositionedFile(this.path, onWritten);
    const target = new StreamTarget(this.#file.writable);
    this.#output = new Output({ format, target });
    this.#tracks = new Map(
      tracks.map((track) => [
        track.key,
        { sink: addTrack(this.#output, track), isOver: false },
      ]),
    );
    this.#started = this.#output.start();
    this.#started.catch((error) => this.#fail(error));
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether it takes frames of a track. */
  has(key: string): boolean {
    return this.#tracks.get(key)?.isOver === false;
  }

  /** Time of the newest frame of each track that goes on, seconds. */
  get newest(): [key: string, time: number][] {
    return [...this.#tracks].filter(([, { isOver }]) => !isOver)
      .map(([key, { newest = 0 }]) => [key, newest]);
  }

  /**
   * Adds a frame of a track; the first of a picture's track is a keyframe.
   *
   * @param time seconds since the file's start.
   * @returns whether there is room for it.
   */
  add(key: string, frame: MediaFrame, time: number): boolean {
    const track = this.#tracks.get(key);
    if (track === undefined || track.isOver || this.hasFailed) return false;
    const { length } = frame.data;
    if (!this.#budget.take(length)) return false;
    const least = track.newest === undefined ? 0 : track.newest + LEAST_STEP_S;
    const at = track.newest = Math.max(time, least);
    void this.#started
      .then(() => track.sink.add(frame, at))
      .catch((error) => this.#fail(error))
      .finally(() => this.#budget.give(length));
    return true;
  }

  /** Ends a track, which else keeps the others waiting for its next frame. */
  endTrack(key: string): void {
    const track = this.#tracks.get(key);
    if (track === undefined || track.isOver) return;
    track.isOver = true;
    // After what was added before the file had started.
    void this.#started.then(() => track.sink.close())
      .catch((error) => this.#fail(error));
  }

  /** Completes the file. It never rejects. */
  async close(): Promise<void> {
    try {
      await this.#started;
      if (!this.hasFailed) await this.#output.finalize();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(cause: unknown): void {
    if (this.hasFailed) return;
    this.#failure = cannotRecord(this.path, cause);
    this.#file.close();
    this.#onFailure(this.#failure);
  }
}

/** The recordings of the server: what there is, and the one that is played. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { RecordingPlayback } from "./recording_playback.ts";
import { listRecordings, type RecordingChoice } from "./recordings.ts";
import type { Streams } from "./streams.ts";
import { TimeLine } from "./time_line.ts";
import type { VideoPanel } from "./video_panel.ts";

export interface RecordingPlayerOptions {
  streams: Streams;
  video: VideoPanel;
  fetch: AuthorizedFetch;
  /** Called when another recording is played, or none. */
  onOther(): void;
  /** Called when there are others, or the one that is played changes. */
  onChange(): void;
}

/** How far the arrows go, milliseconds. */
const STEP_MS = 5_000;

/** Between two looks at the time line, milliseconds. */
const WRITE_MS = 100;

/** Lists recordings, and plays one. */
export class RecordingPlayer {
  readonly #options: RecordingPlayerOptions;
  readonly #line: TimeLine;
  #list: readonly RecordingChoice[] = [];
  #playback: RecordingPlayback | undefined;

  constructor(options: RecordingPlayerOptions) {
    this.#options = options;
    this.#line = new TimeLine({
      onSeek: (position) => this.#seek(position),
      onSpeed: (speed) => {
        if (this.#playback !== undefined) this.#playback.speed = speed;
      },
    });
    setInterval(() => this.#write(), WRITE_MS);
  }

  /** The newest that the server has. */
  get list(): readonly RecordingChoice[] {
    return this.#list;
  }

  /** What is played. */
  get playback(): RecordingPlayback | undefined {
    return this.#playback;
  }

  /** Asks the server what there is. */
  async refresh(): Promise<void> {
    this.#list = await listRecordings(this.#options.fetch);
    this.#options.onChange();
  }

  /** Plays a recording from its start. */
  play(name: string): void {
    this.#playback?.[Symbol.dispose]();
    const { streams, video, fetch, onChange, onOther } = this.#options;
    onOther();
    this.#playback = new RecordingPlayback({
      ...{ name, streams, video, fetch, onChange },
    });
    this.#playback.speed = this.#line.speed;
    this.#write();
    onChange();
  }

  /** Plays none. */
  stop(): void {
    if (this.#playback === undefined) return;
    this.#playback[Symbol.dispose]();
    this.#playback = undefined;
    this.#write();
    this.#options.onOther();
  }

  /**
   * Does what a key stands for while a recording is played.
   *
   * @returns whether it stands for something.
   */
  press(key: string, shift: boolean): boolean {
    const playback = this.#playback;
    if (playback === undefined || shift) return false;
    switch (key) {
      case "ArrowLeft":
        this.#seek(playback.position - STEP_MS);
        return true;
      case "ArrowRight":
        this.#seek(playback.position + STEP_MS);
        return true;
      case ",":
        this.#line.step(-1);
        return true;
      case ".":
        this.#line.step(1);
        return true;
    }
    return false;
  }

  #seek(position: number): void {
    this.#playback?.seek(position);
    this.#write();
  }

  #write(): void {
    this.#line.write(this.#playback);
  }
}

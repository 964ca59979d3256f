/** The button that stops what moves, and has it go on. */
import { byId, setIcon, setText } from "./elements.ts";
import type { RecordingPlayer } from "./recording_player.ts";
import type { Streams } from "./streams.ts";
import type { VideoPanel } from "./video_panel.ts";

export interface PauseControlOptions {
  streams: Streams;
  video: VideoPanel;
  recordings: RecordingPlayer;
  onChange(): void;
}

/** Pauses what is live, or the recording that is played. */
export class PauseControl {
  readonly #options: PauseControlOptions;
  readonly #button = byId("pause", HTMLButtonElement);
  #isLivePaused = false;
  #isWritten: boolean | undefined;

  constructor(options: PauseControlOptions) {
    this.#options = options;
    this.#button.addEventListener("click", () => this.toggle());
  }

  /** Whether it stands. */
  get isPaused(): boolean {
    const { recordings } = this.#options;
    return recordings.playback?.isPaused ?? this.#isLivePaused;
  }

  /** Stops it, or has it go on. */
  toggle(): void {
    const { playback } = this.#options.recordings;
    if (playback === undefined) this.#pauseLive(!this.#isLivePaused);
    else playback.isPaused = !playback.isPaused;
    this.#options.onChange();
  }

  /** What is live goes on, whatever is played. */
  release(): void {
    this.#pauseLive(false);
  }

  /** Writes what the button does. */
  write(): void {
    const { isPaused } = this;
    if (isPaused === this.#isWritten) return;
    this.#isWritten = isPaused;
    this.#button.setAttribute("aria-pressed", String(isPaused));
    setIcon(this.#button, isPaused ? "play" : "pause");
    const label = this.#button.querySelector("span");
    if (label !== null) setText(label, isPaused ? "Go on" : "Pause");
  }

  #pauseLive(isPaused: boolean): void {
    const { streams, video } = this.#options;
    this.#isLivePaused = isPaused;
    streams.isPaused = isPaused;
    video.paused = isPaused;
  }
}

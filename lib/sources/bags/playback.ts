import type { BagPlayer } from "./bag_player.ts";
import { SPEEDS } from "./playing.ts";

/** How the playing goes. */
export interface PlaybackState {
  /** Seconds from the beginning of the longest recording. */
  position: number;
  duration: number;
  speed: number;
  isPaused: boolean;
}

/** Steers all recordings of a program together. */
export class Playback {
  readonly #players: () => readonly BagPlayer[];

  /** @param players gives those that there are now. */
  constructor(players: () => readonly BagPlayer[]) {
    this.#players = players;
  }

  /** Nothing where no recording is played. */
  get state(): PlaybackState | undefined {
    const [longest] = this.#players().toSorted((a, b) =>
      b.duration - a.duration
    );
    if (longest === undefined) return undefined;
    const { position, duration, speed, isPaused } = longest;
    return { position, duration, speed, isPaused };
  }

  /** Stops, or goes on. */
  togglePause(): void {
    const isPaused = !this.state?.isPaused;
    for (const player of this.#players()) player.isPaused = isPaused;
  }

  /** Goes forward, or back where `seconds` is negative. */
  skip(seconds: number): void {
    for (const player of this.#players()) {
      player.seek(player.position + seconds);
    }
  }

  /** Goes to where it started. */
  restart(): void {
    for (const player of this.#players()) player.seek();
  }

  /** Plays so many times as fast as now. */
  scaleSpeed(factor: number): void {
    for (const player of this.#players()) {
      const speed = player.speed * factor;
      player.speed = Math.min(Math.max(SPEEDS.least, speed), SPEEDS.most);
    }
  }

  /** Plays as fast as it was recorded. */
  resetSpeed(): void {
    for (const player of this.#players()) player.speed = 1;
  }
}

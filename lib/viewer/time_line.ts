/** The time line of a recording: where it is, and how fast it goes. */
import { byId, setText } from "./elements.ts";
import { formatTime, speakTime } from "./recording_texts.ts";

export interface TimeLineEvents {
  /** Called with the moment that the user goes to, milliseconds. */
  onSeek(position: number): void;
  /** Called with how many times as fast it is to go. */
  onSpeed(speed: number): void;
}

/** Shows the time line, and tells what the user does with it. */
export class TimeLine {
  readonly #line = byId("time-line", HTMLElement);
  readonly #slider = byId("position", HTMLInputElement);
  readonly #text = byId("position-text", HTMLElement);
  readonly #speed = byId("speed", HTMLSelectElement);

  constructor({ onSeek, onSpeed }: TimeLineEvents) {
    this.#slider.addEventListener(
      "input",
      () => onSeek(this.#slider.valueAsNumber),
    );
    this.#speed.addEventListener("change", () => onSpeed(this.speed));
  }

  /** How many times as fast as it was recorded. */
  get speed(): number {
    return Number(this.#speed.value);
  }

  /** Goes to the next speed, or the one before. */
  step(by: 1 | -1): void {
    const { options, selectedIndex } = this.#speed;
    const next = options[selectedIndex + by];
    if (next === undefined) return;
    this.#speed.value = next.value;
    this.#speed.dispatchEvent(new Event("change"));
  }

  /** Writes where a recording is; nothing where none is played. */
  write(at: { position: number; duration: number } | undefined): void {
    this.#line.hidden = at === undefined;
    if (at === undefined) return;
    const { position, duration } = at;
    this.#slider.disabled = duration === 0;
    this.#slider.max = String(duration);
    this.#slider.valueAsNumber = position;
    this.#slider.ariaValueText = speakTime(position);
    setText(this.#text, `${formatTime(position)} / ${formatTime(duration)}`);
  }
}

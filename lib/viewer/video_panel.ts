/** The picture beside the points: muted until asked, to be moved and hidden. */
import { byId, setIcon, setText } from "./elements.ts";

/** Shows a stream's video, and plays its sound. */
export class VideoPanel {
  readonly #panel = byId("video-panel", HTMLElement);
  readonly #video = byId("video", HTMLVideoElement);
  readonly #mute = byId("mute", HTMLButtonElement);
  readonly #show = byId("show-video", HTMLButtonElement);
  readonly #note = byId("video-note", HTMLElement);
  /** Called when the panel has come or gone. */
  onToggle: (() => void) | undefined;
  #hidden = false;

  constructor() {
    this.#mute.addEventListener("click", () => this.toggleSound());
    byId("hide-video", HTMLButtonElement)
      .addEventListener("click", () => this.toggle());
    this.#show.addEventListener("click", () => this.toggle());
    // It has a size once there is a picture, and none while there is sound.
    this.#video.addEventListener("resize", () => this.#update());
    makeMovable(this.#panel);
  }

  /** Whether there is a picture to be shown. */
  get hasPicture(): boolean {
    return this.#video.srcObject !== null && this.#video.videoWidth > 0;
  }

  /** Width of the panel, CSS pixels; 0 while there is none. */
  get width(): number {
    return this.#panel.clientWidth;
  }

  /** Plays a stream; nothing, to show none. */
  set stream(stream: MediaStream | undefined) {
    if (this.#video.srcObject !== (stream ?? null)) {
      this.#video.srcObject = stream ?? null;
    }
    if (stream !== undefined) {
      this.#video.play().catch(() => {
        // Replaced by the next stream before it could begin.
      });
    }
    this.#update();
  }

  /** Says why there is no picture; nothing, to say nothing. */
  set note(text: string | undefined) {
    this.#note.hidden = text === undefined;
    setText(this.#note, text ?? "");
  }

  /** Pauses and goes on with the picture. */
  set paused(paused: boolean) {
    if (paused) this.#video.pause();
    else if (this.#video.srcObject !== null) void this.#video.play();
  }

  toggleSound(): void {
    const video = this.#video;
    video.muted = !video.muted;
    this.#mute.setAttribute("aria-pressed", String(video.muted));
    setIcon(this.#mute, video.muted ? "muted" : "sound");
    const label = this.#mute.querySelector("span");
    if (label !== null) setText(label, video.muted ? "Muted" : "Sound is on");
  }

  /** Hides the panel, or shows it again. */
  toggle(): void {
    this.#hidden = !this.#hidden;
    this.#update();
  }

  #update(): void {
    this.#panel.hidden = this.#hidden || !this.hasPicture;
    this.#show.hidden = !this.#hidden || !this.hasPicture;
    this.onToggle?.();
  }
}

/** Lets a panel be dragged about the window, and keeps it inside. */
function makeMovable(panel: HTMLElement): void {
  let grip: { x: number; y: number; shiftX: number; shiftY: number };
  let shift = { x: 0, y: 0 };

  const move = (x: number, y: number) => {
    const { left, top, right, bottom } = panel.getBoundingClientRect();
    const home = { left: left - shift.x, top: top - shift.y };
    const width = right - left;
    const height = bottom - top;
    shift = {
      x: clamp(x, -home.left, innerWidth - width - home.left),
      y: clamp(y, -home.top, innerHeight - height - home.top),
    };
    panel.style.translate = `${shift.x}px ${shift.y}px`;
  };

  panel.addEventListener("pointerdown", (event) => {
    const { target, clientX, clientY, pointerId } = event;
    if (target instanceof Element && target.closest("button") !== null) return;
    grip = { x: clientX, y: clientY, shiftX: shift.x, shiftY: shift.y };
    panel.setPointerCapture(pointerId);
  });
  panel.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
    if (!panel.hasPointerCapture(pointerId)) return;
    move(grip.shiftX + clientX - grip.x, grip.shiftY + clientY - grip.y);
  });
  addEventListener("resize", () => {
    if (!panel.hidden && (shift.x !== 0 || shift.y !== 0)) {
      move(shift.x, shift.y);
    }
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

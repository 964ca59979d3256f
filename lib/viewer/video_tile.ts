/** One picture with its name and its sound: muted until asked. */
import { byId, setIcon, setText } from "./elements.ts";
import { formatSkew } from "./readings.ts";
import { Skew } from "./skew.ts";

/** How often a picture is compared with the points, milliseconds. */
const LOOK_MS = 250;

export interface VideoTileOptions {
  /** Whose it is: what plays a session. */
  player: string;
  /** Called when there is another picture, or none. */
  onChange(): void;
  /** Tells when the points were captured that are drawn now. */
  pointsTime(): number | undefined;
}

/** Shows a picture, and plays its sound. */
export class VideoTile {
  /** Whose it is: what plays a session. */
  readonly player: string;
  readonly element: HTMLElement;
  readonly video: HTMLVideoElement;
  /** What shows it again while it is hidden. */
  readonly showButton: HTMLButtonElement;
  readonly #mute: HTMLButtonElement;
  readonly #name: HTMLElement;
  readonly #note: HTMLElement;
  /** How far its picture is behind the points. */
  readonly skew = new Skew();
  /** The section that its picture comes in. */
  mid = "";
  /** When its picture was captured, where no track's clock tells it. */
  pictureTime: number | undefined;
  #label: string | undefined;
  /** Whether the user has hidden it. */
  isHidden = false;
  #hasSound = false;
  #isPaused = false;

  constructor({ player, onChange, pointsTime }: VideoTileOptions) {
    this.player = player;
    const { content } = byId("video-template", HTMLTemplateElement);
    const copy = content.cloneNode(true) as DocumentFragment;
    this.element = find(copy, "figure");
    this.showButton = find(copy, ".show");
    this.video = find(this.element, "video");
    this.#name = find(this.element, ".name");
    this.#note = find(this.element, ".note");
    this.#mute = find(this.element, ".mute");
    this.video.muted = true;
    // It has a size once there is a picture, and none while there is sound.
    this.video.addEventListener("resize", onChange);
    this.#mute.addEventListener("click", () => this.muted = !this.muted);
    const toggle = () => {
      this.isHidden = !this.isHidden;
      onChange();
    };
    find(this.element, ".hide").addEventListener("click", toggle);
    this.showButton.addEventListener("click", toggle);
    this.#watchPictures(pointsTime);
  }

  /** Whether there is a picture to be shown. */
  get hasPicture(): boolean {
    return this.video.srcObject !== null && this.video.videoWidth > 0;
  }

  get muted(): boolean {
    return this.video.muted;
  }

  set muted(muted: boolean) {
    this.video.muted = muted;
    this.#mute.setAttribute("aria-pressed", String(muted));
    setIcon(this.#mute, muted ? "muted" : "sound");
    setText(
      find(this.#mute, "span"),
      this.#named(muted ? "Muted" : "Sound is on"),
    );
  }

  /** Plays these tracks; nothing, to show none. */
  set tracks(tracks: readonly MediaStreamTrack[] | undefined) {
    const stream = tracks === undefined ? null : new MediaStream([...tracks]);
    this.#hasSound = tracks?.some(({ kind }) => kind === "audio") ?? false;
    this.video.srcObject = stream;
    this.skew.clear();
    this.pictureTime = undefined;
    if (stream !== null && !this.#isPaused) this.#play();
  }

  /** Pauses and goes on with the picture. */
  set paused(paused: boolean) {
    this.#isPaused = paused;
    if (paused) this.video.pause();
    else if (this.video.srcObject !== null) this.#play();
  }

  /** What it is called; nothing, where it needs no name. */
  set label(label: string) {
    if (label === this.#label) return;
    this.#label = label;
    setText(this.#name, label);
    this.muted = this.video.muted;
    setText(
      find(this.element, ".hide span"),
      this.#named("Hide the video"),
    );
    this.video.ariaLabel = this.#named("Video");
    setText(find(this.showButton, "span"), label === "" ? "Video" : label);
    this.showButton.title = this.#named("Show the video");
  }

  /** Writes how far the picture is behind the points. */
  writeSkew(now: number): void {
    const behind = this.skew.at(now);
    const text = behind === undefined ? "" : `${formatSkew(behind)} the points`;
    setText(this.#note, text);
    const title = text === "" ? "" : `picture ${text}`;
    if (this.#note.title !== title) this.#note.title = title;
  }

  /** Writes what is shown of it. */
  update(): void {
    this.element.hidden = this.isHidden || !this.hasPicture;
    this.#mute.hidden = !this.#hasSound;
    this.showButton.hidden = !this.isHidden || !this.hasPicture;
  }

  #named(text: string): string {
    return this.#label ? `${text}: ${this.#label}` : text;
  }

  /**
   * Compares some of the pictures that are shown with the points: to look at
   * each has the browser lay the page out as often.
   */
  #watchPictures(pointsTime: () => number | undefined): void {
    this.video.requestVideoFrameCallback?.((now, { rtpTimestamp }) => {
      const time = rtpTimestamp === undefined
        ? this.pictureTime
        : this.skew.timeOf(rtpTimestamp);
      this.skew.push(now, time, pointsTime());
      setTimeout(() => this.#watchPictures(pointsTime), LOOK_MS);
    });
  }

  #play(): void {
    this.video.play().catch(() => {
      // Replaced by the next stream before it could begin.
    });
  }
}

/** @throws {TypeError} where the page's template has no such element. */
function find<T extends HTMLElement>(within: ParentNode, selector: string): T {
  const found = within.querySelector<T>(selector);
  if (found === null) throw new TypeError(`Cannot find ${selector}`);
  return found;
}

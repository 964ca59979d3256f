/** One recording that the page plays. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { DueClouds } from "./due_clouds.ts";
import { ReadyWorker } from "./ready_worker.ts";
import { RecordingBytes } from "./recording_bytes.ts";
import { RecordingClock } from "./recording_clock.ts";
import { RecordingMedia } from "./recording_media.ts";
import type {
  FromRecordingWorker,
  RecordedItem,
  RecordingContent,
  ToRecordingWorker,
} from "./recording_messages.ts";
import { RECORDING_KEY, ShownClouds } from "./shown_clouds.ts";
import type { Streams } from "./streams.ts";
import type { VideoPanel } from "./video_panel.ts";

/** What a recording is about. */
export type PlaybackState =
  | { kind: "opening" | "playing" | "paused" | "waiting" | "ended" }
  /** Why it can't be played, a sentence. */
  | { kind: "failed"; why: string };

export interface RecordingPlaybackOptions {
  /** The file's name. */
  name: string;
  fetch: AuthorizedFetch;
  /** Where its clouds go. */
  streams: Streams;
  /** Where its pictures and sound go. */
  video: VideoPanel;
  /** Called when it does something else. */
  onChange(): void;
}

/** What is read before it is due, milliseconds as they pass here. */
const AHEAD_MS = 500;

/** A wait for what comes next that is worth a word, milliseconds. */
const WAITING_MS = 400;

/** Time between two looks at what is due, milliseconds at the most. */
const LOOK_MS = 100;

/** Plays a recording from any moment on, as fast as it is told to. */
export class RecordingPlayback implements Disposable {
  readonly name: string;
  readonly #options: RecordingPlaybackOptions;
  readonly #bytes: RecordingBytes;
  readonly #worker: ReadyWorker<ToRecordingWorker, FromRecordingWorker>;
  readonly #clock = new RecordingClock(0);
  readonly #clouds = new DueClouds();
  readonly #shown: ShownClouds;
  #content: RecordingContent | undefined;
  #media: RecordingMedia | undefined;
  #why: string | undefined;
  #run = 0;
  #hasSeen = false;
  #isAtEnd = false;
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecordingPlaybackOptions) {
    this.#options = options;
    this.name = options.name;
    this.#bytes = new RecordingBytes(options);
    this.#shown = new ShownClouds(options.streams, this.#clock);
    this.#worker = new ReadyWorker(
      new URL("./recording_worker.js", import.meta.url),
      (message) => this.#take(message),
    );
    void this.#open();
  }

  get state(): PlaybackState {
    if (this.#why !== undefined) return { kind: "failed", why: this.#why };
    if (this.#content === undefined) return { kind: "opening" };
    if (this.#isOver) return { kind: "ended" };
    if (this.#clock.isPaused) return { kind: "paused" };
    const isWaiting = this.#clock.waitedMs > WAITING_MS;
    return { kind: isWaiting ? "waiting" : "playing" };
  }

  /** How long it is, milliseconds; 0 while that isn't known. */
  get duration(): number {
    const { start, end } = this.#content ?? { start: 0, end: 0 };
    return Math.max(0, end - start);
  }

  /** What is shown, milliseconds from its start. */
  get position(): number {
    const { start } = this.#content ?? { start: 0 };
    return Math.min(this.duration, Math.max(0, this.#clock.now() - start));
  }

  /** When what is shown was recorded, milliseconds since the Unix epoch. */
  get moment(): number {
    return this.#clock.now();
  }

  /** Why pictures or sound aren't there, a sentence. */
  get note(): string | undefined {
    return this.#media?.why;
  }

  get isPaused(): boolean {
    return this.#clock.isPaused || this.#isOver;
  }

  /** Stands still, or goes on; at the end it begins again. */
  set isPaused(isPaused: boolean) {
    if (!isPaused && this.#isOver) this.seek(0);
    this.#clock.isPaused = isPaused;
    this.#look();
    this.#options.onChange();
  }

  /** How many times as fast as it was recorded. */
  set speed(speed: number) {
    this.#clock.speed = speed;
    this.#look();
  }

  /** Goes to a moment, milliseconds from the start. */
  seek(position: number): void {
    if (this.#content === undefined || this.#why !== undefined) return;
    const { start } = this.#content;
    const from = start + Math.min(this.duration, Math.max(0, position));
    this.#clouds.clear();
    this.#shown.begin();
    this.#hasSeen = this.#isAtEnd = false;
    this.#clock.seek(from);
    this.#media?.reset();
    this.#until = from;
    this.#worker.tell({ type: "seek", run: ++this.#run, from });
    this.#look();
    this.#options.onChange();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#worker[Symbol.dispose]();
    this.#bytes[Symbol.dispose]();
    this.#media?.[Symbol.dispose]();
    this.#shown[Symbol.dispose]();
  }

  get #isOver(): boolean {
    return this.#isAtEnd && this.#clock.now() >= this.#content!.end;
  }

  async #open(): Promise<void> {
    try {
      const size = await this.#bytes.size();
      this.#worker.tell({ type: "open", name: this.name, size });
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #take(message: Exclude<FromRecordingWorker, { type: "ready" }>): void {
    switch (message.type) {
      case "opened":
        return this.#begin(message.content);
      case "read":
        return void this.#read(message);
      case "cancel":
        return this.#bytes.cancel();
      case "failed":
        return this.#fail(message.why);
      case "item":
        if (message.run === this.#run) this.#receive(message.item);
        return;
      case "seen":
        if (message.run !== this.#run) return;
        this.#hasSeen = true;
        return this.#look();
      case "reached":
        if (message.run === this.#run) this.#reach(message);
    }
  }

  #begin(content: RecordingContent): void {
    if (!Number.isFinite(content.start)) {
      return this.#fail("There is nothing in the recording.");
    }
    this.#content = content;
    const { video } = this.#options;
    const { tracks } = content;
    this.#media = new RecordingMedia({
      ...{ key: RECORDING_KEY, tracks, video },
      clock: this.#clock,
    });
    this.seek(0);
  }

  async #read(
    { request, offset, length }: {
      request: number;
      offset: number;
      length: number;
    },
  ): Promise<void> {
    try {
      const bytes = await this.#bytes.read(offset, length);
      this.#worker.tell({ type: "bytes", request, bytes }, [bytes.buffer]);
    } catch (error) {
      const why = (error as Error).message;
      this.#worker.tell({ type: "no-bytes", request, why });
    }
  }

  #receive(item: RecordedItem): void {
    switch (item.kind) {
      case "cloud":
        return this.#clouds.push(item);
      case "picture":
        return this.#media?.picture(item.track, item.picture);
      case "sound":
        return this.#media?.sound(item.track, item.sound);
    }
  }

  #reach({ time, isEnd }: { time: number; isEnd: boolean }): void {
    this.#clock.limit = time;
    if (isEnd) this.#isAtEnd = true;
    this.#look();
  }

  /** Shows what is due, and has more read. */
  #look(): void {
    clearTimeout(this.#timer);
    if (this.#content === undefined || this.#why !== undefined) return;
    const now = this.#clock.now();
    const { speed, rate } = this.#clock;
    if (this.#hasSeen) this.#shown.show(this.#clouds.take(now));
    const until = now + AHEAD_MS * Math.max(1, speed);
    if (until - this.#until > LOOK_MS * speed / 2) {
      this.#until = until;
      this.#worker.tell({ type: "until", until });
    }
    this.#shown.isStill = rate === 0;
    if (this.#isOver) return this.#options.onChange();
    if (this.#clock.isPaused) return;
    const due = rate === 0 ? Infinity : (this.#clouds.next - now) / rate;
    const wait = Math.min(LOOK_MS, Math.max(0, due));
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  #fail(why: string): void {
    this.#why = why;
    this.#worker[Symbol.dispose]();
    this.#options.onChange();
  }
}

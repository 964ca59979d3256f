import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { TransformTree } from "../../ros/transform_tree.ts";
import type { Bag, BagMessage, BagTopic } from "./bag.ts";
import { BagClock } from "./bag_clock.ts";
import { BagTransforms } from "./bag_transforms.ts";
import type { BagListener, Delivery, PlayingOptions } from "./playing.ts";
import { prefetch } from "./prefetch.ts";
import { type KnownTopic, knownTopic } from "./topics.ts";

/** Time within which the clouds are that are shown while it stands. */
const MAX_STILL_MS = 2_000;

/** Options of {@linkcode BagPlayer}. */
export interface BagPlayerOptions extends PlayingOptions {
  /** Receives what can't be read. */
  log: Logger;
  /** Called when nobody uses it any more, before the bag is closed. */
  onUnused?(): void;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/**
 * Plays a bag: one reader, which gives all who listen what is due, at the times
 * at which it was recorded. It begins when the first asks for it.
 */
export class BagPlayer {
  readonly bag: Bag;
  /** The topics that are read. */
  readonly known: readonly KnownTopic[];
  readonly #options: BagPlayerOptions;
  readonly #clock: BagClock;
  readonly #transforms: BagTransforms;
  readonly #listeners = new Map<BagTopic, Set<BagListener>>();
  readonly #over = new AbortController();
  /** Ends the pass that plays, as another is to begin. */
  #pass = new AbortController();
  /** Where the next pass begins, where somebody said so. */
  #sought: number | undefined;
  /** What reads now: one pass after the other. */
  #reading: Promise<void> = Promise.resolve();
  #hasBegun = false;
  #users = 0;

  /** Takes the bag over: it is closed when nobody uses the player any more. */
  constructor(bag: Bag, options: BagPlayerOptions) {
    const { speed = 1, clock, fixedFrame, log } = options;
    this.bag = bag;
    this.known = bag.topics.map(knownTopic).filter((one) => one !== undefined);
    this.#options = options;
    this.#clock = new BagClock(speed, clock);
    this.#transforms = new BagTransforms(this.known, { fixedFrame, log });
  }

  /** Where the frames of the bag stand, at what was played last. */
  get tree(): TransformTree {
    return this.#transforms.tree;
  }

  /** How many times as fast as it was recorded it plays. */
  get speed(): number {
    return this.#clock.speed;
  }

  set speed(speed: number) {
    this.#clock.setSpeed(speed);
  }

  /** Whether it stands. */
  get isPaused(): boolean {
    return this.#clock.isPaused;
  }

  set isPaused(isPaused: boolean) {
    this.#clock.setPaused(isPaused);
  }

  /** Seconds of the recording that are played, out of `duration`. */
  get position(): number {
    const { start } = this.bag;
    const seconds = ((this.#clock.position ?? this.#from) - start) / 1000;
    return Math.min(Math.max(0, seconds), this.duration);
  }

  /** Seconds that the recording lasts. */
  get duration(): number {
    return (this.bag.end - this.bag.start) / 1000;
  }

  /** Whether it plays, or has played: who comes now comes too late. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether nobody uses it any more. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Counts one more who uses it; disposed of, one less. */
  use(): AsyncDisposable {
    this.#users++;
    let isUsed = true;
    return {
      [Symbol.asyncDispose]: async () => {
        if (!isUsed) return;
        isUsed = false;
        if (--this.#users === 0) await this.#close();
      },
    };
  }

  /**
   * Gives a topic's messages, until what is returned is disposed of. A topic
   * that nobody listened to is read from the next pass on.
   */
  listen(topic: BagTopic, listener: BagListener): AsyncDisposable {
    const used = this.use();
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return {
      [Symbol.asyncDispose]: async () => {
        listeners.delete(listener);
        await used[Symbol.asyncDispose]();
      },
    };
  }

  /** Whether it waits for someone who listens to begin. */
  get isAwaited(): boolean {
    return !this.#hasBegun && this.#all().some(({ begins }) => begins);
  }

  /** Begins to play, where it hasn't. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#read(() => this.#play());
  }

  /**
   * Goes on from another moment of the recording. Where it stands, the first
   * cloud of each stream there is shown.
   *
   * @param seconds from its beginning. @default {where it started}
   */
  seek(seconds?: number): void {
    const { start, end } = this.bag;
    this.#sought = seconds === undefined
      ? this.#from
      : Math.min(Math.max(start, start + seconds * 1000), end);
    this.#clock.begin(this.#sought);
    this.#pass.abort();
    this.#clock.interrupt();
  }

  /**
   * Looks at the messages of a topic from where it will begin, before it does,
   * until `look` has seen enough. They are as if they were due when they are
   * looked at.
   *
   * @param look returns whether it wants another.
   */
  preview(topic: BagTopic, look: (delivery: Delivery) => boolean): void {
    this.#read(async () => {
      const topics = new Set([topic]);
      const messages = this.bag.messages({ topics, from: this.#from });
      for await (const message of messages) {
        const captureTime = (stamp: number) =>
          Date.now() - this.#clock.ageOf(stamp, message.logTime);
        if (this.isOver || !look({ message, captureTime })) return;
      }
    });
  }

  get #from(): number {
    return this.bag.start + (this.#options.start ?? 0) * 1000;
  }

  #all(): BagListener[] {
    return [...this.#listeners.values()].flatMap((of) => [...of]);
  }

  /** Never rejects: who listens is told of a failure. */
  #read(pass: () => Promise<void>): void {
    this.#reading = this.#reading.then(async () => {
      if (this.#over.signal.aborted) return;
      try {
        await pass();
      } catch (error) {
        for (const { onEnd } of this.#all()) onEnd({ error });
      }
    });
  }

  async #close(): Promise<void> {
    this.#options.onUnused?.();
    this.#over.abort();
    this.#pass.abort();
    this.#clock.interrupt();
    await this.#reading;
    this.bag[Symbol.dispose]();
  }

  async #play(): Promise<void> {
    const { loop, log } = this.#options;
    const { signal } = this.#over;
    await this.#transforms.readStatic(this.bag, signal);
    for (let isOver = false; !isOver && !signal.aborted;) {
      const sought = this.#sought;
      this.#sought = undefined;
      for (const { onJump } of this.#all()) onJump?.(sought !== undefined);
      const played = await this.#playOnce(sought ?? this.#from);
      isOver = this.#sought === undefined && (!loop || played === 0);
    }
    if (this.bag.damage !== undefined && !signal.aborted) {
      log.warn("the bag was played up to where it is damaged", {
        why: this.bag.damage,
      });
    }
    for (const { onEnd } of this.#all()) onEnd();
  }

  /** @returns how many messages there were. */
  async #playOnce(from: number): Promise<number> {
    const { signal } = this.#pass = new AbortController();
    // It may be over by now.
    if (this.isOver) return 0;
    const topics = new Set([
      ...this.#transforms.topics,
      ...this.#listeners.keys(),
    ]);
    const messages = this.bag.messages({ topics, from });
    const unseen = new Set(this.#awaitedTopics());
    let played = 0;
    for await (const message of prefetch(messages)) {
      if (played++ === 0) this.#clock.begin(message.logTime);
      const isStill = this.isPaused && unseen.size > 0 &&
        message.logTime - from < MAX_STILL_MS;
      if (!isStill) await this.#clock.due(message.logTime, signal);
      if (signal.aborted) break;
      unseen.delete(message.topic);
      this.#deliver(message);
    }
    return played;
  }

  /** The topics of those who have the playing wait for them. */
  #awaitedTopics(): BagTopic[] {
    return [...this.#listeners].flatMap(([topic, listeners]) =>
      [...listeners].some(({ begins }) => begins) ? [topic] : []
    );
  }

  #deliver(message: BagMessage): void {
    const { topic, logTime } = message;
    this.#transforms.take(message);
    const dueAt = this.#clock.dueAt(logTime);
    const captureTime = (stamp: number) =>
      dueAt - this.#clock.ageOf(stamp, logTime);
    for (const { onMessage } of this.#listeners.get(topic) ?? []) {
      onMessage({ message, captureTime });
    }
  }
}

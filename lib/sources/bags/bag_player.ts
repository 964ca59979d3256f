import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import type { TransformTree } from "../../ros/transform_tree.ts";
import type { Bag, BagMessage, BagTopic } from "./bag.ts";
import { BagClock } from "./bag_clock.ts";
import { BagTransforms } from "./bag_transforms.ts";
import { prefetch } from "./prefetch.ts";
import { type KnownTopic, knownTopic } from "./topics.ts";

/** How a recording is played. */
export interface PlayingOptions {
  /** Plays so many times as fast as it was recorded. @default {1} */
  speed?: number;
  /** Seconds of the recording that are left out. @default {0} */
  start?: number;
  /** Starts again at its end. @default {false} */
  loop?: boolean;
  /** The frame that clouds are placed in. @default {the root above each} */
  fixedFrame?: string;
}

/** Options of {@linkcode BagPlayer}. */
export interface BagPlayerOptions extends PlayingOptions {
  /** Receives what can't be read. */
  log: Logger;
  /** Called when nobody uses it any more, before the bag is closed. */
  onUnused?(): void;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** A message that is due. */
export interface Delivery {
  message: BagMessage;
  /** Where the message's stamp is moved to. */
  captureTime(stamp: number): number;
}

/** Who is given the messages of a topic. */
export interface BagListener {
  /** Whether the playing waits until this one asks for it. */
  readonly begins: boolean;
  onMessage(delivery: Delivery): void;
  /** Called where what comes next doesn't follow what came last. */
  onJump?(): void;
  /** Called when no more come; says why, where the bag can't be read. */
  onEnd(failure?: { error: unknown }): void;
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
    return this.#options.speed ?? 1;
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
    await this.#reading;
    this.bag[Symbol.dispose]();
  }

  async #play(): Promise<void> {
    const { loop, log } = this.#options;
    const { signal } = this.#over;
    await this.#transforms.readStatic(this.bag, signal);
    do {
      for (const { onJump } of this.#all()) onJump?.();
      const played = await this.#playOnce();
      if (played === 0) break;
    } while (loop && !signal.aborted);
    if (this.bag.damage !== undefined && !signal.aborted) {
      log.warn("the bag was played up to where it is damaged", {
        why: this.bag.damage,
      });
    }
    for (const { onEnd } of this.#all()) onEnd();
  }

  /** @returns how many messages there were. */
  async #playOnce(): Promise<number> {
    const { signal } = this.#over;
    const topics = new Set([
      ...this.#transforms.topics,
      ...this.#listeners.keys(),
    ]);
    const messages = this.bag.messages({ topics, from: this.#from });
    let played = 0;
    for await (const message of prefetch(messages)) {
      if (played++ === 0) this.#clock.begin(message.logTime);
      await this.#clock.due(message.logTime, signal);
      if (signal.aborted) break;
      this.#deliver(message);
    }
    return played;
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

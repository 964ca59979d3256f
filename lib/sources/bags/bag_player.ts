import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { PointsError } from "../../points/errors.ts";
import type { NamedType } from "../../points/field.ts";
import type { RosMessage } from "../../ros/message.ts";
import { TransformTree } from "../../ros/transform_tree.ts";
import { pickFields } from "../pick_fields.ts";
import type { PointSource, TimedCloud } from "../source.ts";
import type { Bag, BagMessage, BagTopic } from "./bag.ts";
import { BagClock } from "./bag_clock.ts";
import { Mailbox } from "./mailbox.ts";
import { prefetch } from "./prefetch.ts";
import type { KnownTopic } from "./topics.ts";

/** How a recording is played. */
export interface PlayingOptions {
  /** Plays so many times as fast as it was recorded. @default {1} */
  speed?: number;
  /** Seconds of the recording that are left out. @default {0} */
  start?: number;
  /** The frame that clouds are placed in. @default {the root above each} */
  fixedFrame?: string;
}

/** Options of {@linkcode BagPlayer}. */
export interface BagPlayerOptions extends PlayingOptions {
  /** Starts again at its end. @default {false} */
  loop?: boolean;
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly NamedType[];
  /** Receives what can't be read. */
  log: Logger;
  /** @default {SYSTEM_CLOCK} */
  clock?: Clock;
}

/** Clouds of a stream that wait; a publisher takes them as they come. */
const MAX_WAITING = 8;
/** Transforms of `/tf_static` that are read before the first cloud. */
const MAX_STATIC_MESSAGES = 10_000;

interface Delivery {
  message: BagMessage;
  /** Where the message's stamp is moved to. */
  captureTime(stamp: number): number;
}

/**
 * Plays a bag: one reader, which gives each of its streams what is due, at the
 * times at which it was recorded. It begins when the first stream is asked.
 */
export class BagPlayer {
  readonly #bag: Bag;
  readonly #options: BagPlayerOptions;
  readonly #clock: BagClock;
  readonly #transforms: ReadonlyMap<BagTopic, KnownTopic>;
  readonly #boxes = new Map<BagTopic, Mailbox<Delivery>>();
  readonly #tree: TransformTree;
  readonly #over = new AbortController();
  #playing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #open = 0;

  /** @param topics those that are read; their transforms are followed. */
  constructor(
    bag: Bag,
    topics: readonly KnownTopic[],
    options: BagPlayerOptions,
  ) {
    const { fixedFrame, speed = 1, clock } = options;
    this.#bag = bag;
    this.#options = options;
    this.#clock = new BagClock(speed, clock);
    this.#tree = new TransformTree({ fixedFrame });
    this.#transforms = new Map(
      topics.filter(({ kind }) => kind === "transforms")
        .map((known) => [known.topic, known]),
    );
  }

  /** Makes the source of a topic's clouds; called before the first is asked. */
  stream(known: KnownTopic): PointSource {
    const box = new Mailbox<Delivery>(MAX_WAITING);
    this.#boxes.set(known.topic, box);
    this.#open++;
    return new BagStream(known, {
      options: this.#options,
      tree: this.#tree,
      take: async () => {
        this.#playing ??= this.#play();
        const delivery = await box.take();
        if (delivery === undefined && this.#failure !== undefined) {
          throw this.#failure.error;
        }
        return delivery;
      },
      close: () => this.#close(known.topic),
    });
  }

  async #close(topic: BagTopic): Promise<void> {
    const box = this.#boxes.get(topic);
    if (box === undefined) return;
    this.#boxes.delete(topic);
    box.end();
    if (--this.#open > 0) return;
    this.#over.abort();
    await this.#playing;
    this.#bag[Symbol.dispose]();
  }

  /** Never rejects: who takes is told of a failure. */
  async #play(): Promise<void> {
    const { loop, log } = this.#options;
    try {
      await this.#readStaticTransforms();
      do {
        const played = await this.#playOnce();
        if (played === 0) break;
      } while (loop && !this.#over.signal.aborted);
      if (this.#bag.damage !== undefined && !this.#over.signal.aborted) {
        log.warn("the bag was played up to where it is damaged", {
          why: this.#bag.damage,
        });
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      for (const box of this.#boxes.values()) box.end();
    }
  }

  /** @returns how many messages there were. */
  async #playOnce(): Promise<number> {
    const from = this.#bag.start + (this.#options.start ?? 0) * 1000;
    const topics = new Set([...this.#transforms.keys(), ...this.#boxes.keys()]);
    const { signal } = this.#over;
    let played = 0;
    for await (
      const message of prefetch(this.#bag.messages({ topics, from }))
    ) {
      if (played++ === 0) this.#clock.begin(message.logTime);
      await this.#clock.due(message.logTime, signal);
      if (signal.aborted) break;
      this.#deliver(message);
    }
    return played;
  }

  #deliver(message: BagMessage): void {
    const { topic, logTime } = message;
    const transforms = this.#transforms.get(topic);
    if (transforms !== undefined) this.#follow(transforms, message);
    const dueAt = this.#clock.dueAt(logTime);
    this.#boxes.get(topic)?.put({
      message,
      captureTime: (stamp) => dueAt - this.#clock.ageOf(stamp, logTime),
    });
  }

  /** Those that never change hold from the start, wherever they are. */
  async #readStaticTransforms(): Promise<void> {
    const topics = new Set(this.#transforms.keys().filter(isStatic));
    if (topics.size === 0) return;
    let read = 0;
    const messages = this.#bag.messages({ topics, from: -Infinity });
    for await (const message of messages) {
      this.#follow(this.#transforms.get(message.topic)!, message);
      if (++read >= MAX_STATIC_MESSAGES) return;
      if (this.#over.signal.aborted) return;
    }
  }

  #follow({ topic, read }: KnownTopic, { data }: BagMessage): void {
    let message: RosMessage;
    try {
      message = read(data);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#options.log.debug("transforms passed over", { error });
      return;
    }
    if (message.kind !== "transforms") return;
    for (const transform of message.transforms) {
      this.#tree.add(transform, isStatic(topic));
    }
  }
}

function isStatic({ name }: BagTopic): boolean {
  return /(^|\/)tf_static$/.test(name);
}

interface BagStreamOptions {
  options: BagPlayerOptions;
  tree: TransformTree;
  take(): Promise<Delivery | undefined>;
  close(): Promise<void>;
}

/** The clouds of one topic. */
class BagStream implements PointSource, AsyncDisposable {
  readonly pace = "source";
  skipped = 0;
  readonly #known: KnownTopic;
  readonly #with: BagStreamOptions;

  constructor(known: KnownTopic, given: BagStreamOptions) {
    this.#known = known;
    this.#with = given;
  }

  async next(): Promise<TimedCloud | undefined> {
    for (let delivery; (delivery = await this.#with.take());) {
      try {
        const timed = await this.#read(delivery);
        if (timed !== undefined) return timed;
      } catch (error) {
        if (!(error instanceof PointsError)) throw error;
        this.#passOver(error);
      }
    }
  }

  async #read(
    { message: { data }, captureTime }: Delivery,
  ): Promise<TimedCloud | undefined> {
    const message = this.#known.read(data);
    const isCloud = message.kind === "cloud" || message.kind === "encodedCloud";
    if (!isCloud) return undefined;
    const cloud = message.kind === "cloud"
      ? message.cloud
      : await message.decode();
    const { frameId, stamp, pose } = message;
    return {
      cloud: pickFields(cloud, this.#with.options.fields),
      captureTime: captureTime(stamp),
      place: this.#with.tree.placeOf(frameId, stamp, pose),
    };
  }

  /** Says why once; a topic's messages are mostly alike. */
  #passOver(error: PointsError): void {
    const { log } = this.#with.options;
    const level = this.skipped++ === 0 ? "warn" : "debug";
    log[level]("cloud passed over", { topic: this.#known.topic.name, error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#with.close();
  }
}

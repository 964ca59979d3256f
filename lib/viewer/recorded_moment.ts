/** What is to be seen of a recording at a moment, and what comes then. */
import type { Logger } from "../logger.ts";
import { PointsError } from "../points/errors.ts";
import type { BagMessage, BagTopic } from "../sources/bags/bag.ts";
import type { BagTransforms } from "../sources/bags/bag_transforms.ts";
import type { McapBag } from "../sources/bags/mcap/mcap_bag.ts";
import { prefetch } from "../sources/bags/prefetch.ts";
import type { KnownTopic } from "../sources/bags/topics.ts";
import { isKeyframe, recordedItem } from "./recorded_items.ts";
import type { RecordedItem } from "./recording_messages.ts";

/** Something that was read, and when the recording got it, milliseconds. */
export interface TimedItem {
  time: number;
  item: RecordedItem;
}

export interface RecordedMomentOptions {
  /** Milliseconds since the Unix epoch. */
  from: number;
  bag: McapBag;
  /** Those that something is made of. */
  topics: ReadonlyMap<BagTopic, KnownTopic>;
  /** Where frames stand that never move; it learns where others do. */
  transforms: BagTransforms;
  /** Receives what is left out, as it is damaged. */
  log: Logger;
}

/** How far back is looked for what is to be seen at a moment. */
const MOST_BACK_MS = 10_000;

/** How much of that is looked through at once for a keyframe. */
const STEP_MS = 1_000;

/** Pictures of a track, one after the other. */
interface Step {
  messages: BagMessage[];
  /** Whether they begin with a keyframe. */
  hasKeyframe: boolean;
}

/** Reads a recording from a moment on: its three parts, one after the other. */
export class RecordedMoment {
  readonly #options: RecordedMomentOptions;

  constructor(options: RecordedMomentOptions) {
    this.#options = options;
  }

  /** The newest cloud of each stream. */
  async *clouds(): AsyncGenerator<RecordedItem> {
    const { from, bag, transforms } = this.#options;
    const newest = new Map<BagTopic, BagMessage>();
    const clouds = this.#of("cloud", "encodedCloud");
    const moving = new Set(transforms.topics)
      .difference(transforms.staticTopics);
    const topics = clouds.union(moving);
    const begin = bag.reachBack(topics, from, MOST_BACK_MS);
    for await (const message of this.#until(from, topics, begin)) {
      if (clouds.has(message.topic)) newest.set(message.topic, message);
      else transforms.take(message);
    }
    for (const message of newest.values()) yield* this.#itemOf(message);
  }

  /** The pictures of each track from its keyframe on. */
  async *pictures(): AsyncGenerator<RecordedItem> {
    const { from } = this.#options;
    const waiting = this.#of("picture");
    const found = new Map<BagTopic, BagMessage[]>();
    for (let back = 0; back < MOST_BACK_MS; back += STEP_MS) {
      if (waiting.size === 0) break;
      const step = await this.#lookBack(from - back, new Set(waiting));
      for (const [topic, { messages, hasKeyframe }] of step) {
        found.set(topic, [...messages, ...found.get(topic) ?? []]);
        if (hasKeyframe) waiting.delete(topic);
      }
    }
    for (const [topic, messages] of found) {
      if (waiting.has(topic)) continue;
      for (const message of messages) yield* this.#itemOf(message);
    }
  }

  /** What comes after the moment, in its order. */
  async *rest(): AsyncGenerator<TimedItem> {
    const { from, bag, topics: known, transforms } = this.#options;
    const topics = new Set(known.keys());
    for await (const message of prefetch(bag.messages({ topics, from }))) {
      const { logTime: time } = message;
      if (time <= from) continue;
      transforms.take(message);
      for await (const item of this.#itemOf(message)) yield { time, item };
    }
  }

  /** The pictures of a step, from the newest keyframe on where it has one. */
  async #lookBack(
    until: number,
    topics: ReadonlySet<BagTopic>,
  ): Promise<Map<BagTopic, Step>> {
    const { from, topics: known } = this.#options;
    const steps = new Map<BagTopic, Step>();
    for await (const message of this.#until(until, topics, until - STEP_MS)) {
      const { topic, logTime, data } = message;
      // It was the first of the step behind.
      if (logTime === until && until < from) continue;
      const begins = isKeyframe(message, known.get(topic)!);
      const before = begins ? undefined : steps.get(topic);
      const step = before ?? { messages: [], hasKeyframe: begins };
      // Without the chunk that it came in.
      step.messages.push({ ...message, data: data.slice() });
      steps.set(topic, step);
    }
    return steps;
  }

  /** The messages of some topics from one moment to another. */
  async *#until(
    until: number,
    topics: ReadonlySet<BagTopic>,
    from: number,
  ): AsyncGenerator<BagMessage> {
    for await (const message of this.#options.bag.messages({ topics, from })) {
      if (message.logTime > until) return;
      yield message;
    }
  }

  async *#itemOf(message: BagMessage): AsyncGenerator<RecordedItem> {
    const { topics, transforms, log } = this.#options;
    const { topic } = message;
    try {
      const item = await recordedItem(message, topics.get(topic)!, transforms);
      if (item !== undefined) yield item;
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      log.warn("a message is left out", { topic: topic.name, error });
    }
  }

  #of(...kinds: KnownTopic["kind"][]): Set<BagTopic> {
    const known = this.#options.topics.values();
    return new Set(
      known.filter(({ kind }) => kinds.includes(kind))
        .map(({ topic }) => topic),
    );
  }
}

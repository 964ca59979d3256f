/** What is in a recording, in the order of its times. */
import type { Logger } from "../logger.ts";
import { PointsError } from "../points/errors.ts";
import type { BagMessage, BagTopic } from "../sources/bags/bag.ts";
import { BagTransforms } from "../sources/bags/bag_transforms.ts";
import type { McapBag } from "../sources/bags/mcap/mcap_bag.ts";
import { prefetch } from "../sources/bags/prefetch.ts";
import { type KnownTopic, knownTopic } from "../sources/bags/topics.ts";
import { isKeyframe, nameOf, recordedItem } from "./recorded_items.ts";
import type { RecordedItem, RecordingContent } from "./recording_messages.ts";

/** Something that was read, and when the recording got it, milliseconds. */
export interface TimedItem {
  time: number;
  item: RecordedItem;
}

/** How far back clouds are looked for that are to be seen at a moment. */
const MOST_BACK_MS = 10_000;

/** How far back a keyframe is looked for, each time further. */
const KEYFRAME_BACK_MS = [1_000, 4_000, MOST_BACK_MS];

/** Transforms of `/tf_static` that are kept. */
const MOST_STATICS = 1_000;

/** Reads a recording from any moment on. */
export class RecordingReader {
  readonly content: RecordingContent;
  readonly #bag: McapBag;
  readonly #log: Logger;
  readonly #topics: ReadonlyMap<BagTopic, KnownTopic>;
  readonly #known: readonly KnownTopic[];
  /** Transforms that hold for all moments. */
  readonly #statics: BagMessage[] = [];

  private constructor(bag: McapBag, log: Logger) {
    this.#bag = bag;
    this.#log = log;
    const known = bag.topics.flatMap((topic) => knownTopic(topic) ?? []);
    this.#topics = new Map(known.map((one) => [one.topic, one]));
    this.#known = known;
    const { start, end } = bag;
    const named = (kind: string) =>
      this.#of(kind).map((topic) => ({ name: nameOf(topic) }));
    this.content = {
      ...{ start, end },
      streams: [...named("cloud"), ...named("encodedCloud")]
        .map(({ name }) => name),
      tracks: [
        ...named("picture").map((one) => ({ ...one, kind: "video" as const })),
        ...named("sound").map((one) => ({ ...one, kind: "audio" as const })),
      ],
    };
  }

  /** @param log receives what is left out, as it is damaged. */
  static async open(bag: McapBag, log: Logger): Promise<RecordingReader> {
    const reader = new RecordingReader(bag, log);
    await reader.#readStatics();
    return reader;
  }

  /**
   * Reads from a moment on: first what is to be seen at that moment, the newest
   * clouds and the pictures from their keyframe on.
   */
  async *read(from: number): AsyncGenerator<TimedItem> {
    const topics = new Set(this.#topics.keys());
    const transforms = this.#transforms();
    const before = new Map<BagTopic, BagMessage[]>();
    let isBefore = true;
    const query = { topics, from: await this.#beginAt(from) };
    for await (const message of prefetch(this.#bag.messages(query))) {
      const { logTime: time } = message;
      if (isBefore && time <= from) {
        transforms.take(message);
        this.#remember(before, message);
        continue;
      }
      if (isBefore) yield* this.#seenAt(from, before, transforms);
      isBefore = false;
      transforms.take(message);
      const item = await this.#itemOf(message, transforms);
      if (item !== undefined) yield { time, item };
    }
    if (isBefore) yield* this.#seenAt(from, before, transforms);
  }

  /** Another for each reading: what moves later has not moved before. */
  #transforms(): BagTransforms {
    const transforms = new BagTransforms(this.#known, { log: this.#log });
    for (const message of this.#statics) transforms.take(message);
    return transforms;
  }

  async #readStatics(): Promise<void> {
    const topics = this.#transforms().staticTopics;
    if (topics.size === 0) return;
    const query = { topics, from: -Infinity };
    for await (const { data, ...message } of this.#bag.messages(query)) {
      // Without the chunk that it came in.
      this.#statics.push({ ...message, data: data.slice() });
      if (this.#statics.length >= MOST_STATICS) return;
    }
  }

  /** Where to begin to read, to have all that is to be seen at a moment. */
  async #beginAt(from: number): Promise<number> {
    const transforms = this.#transforms();
    const seen = new Set([
      ...this.#of("cloud"),
      ...this.#of("encodedCloud"),
      ...transforms.topics,
    ]).difference(transforms.staticTopics);
    const begin = this.#bag.reachBack(seen, from, MOST_BACK_MS);
    const keyframe = await this.#keyframeBefore(from);
    return Math.max(Math.min(begin, keyframe), from - MOST_BACK_MS);
  }

  async #keyframeBefore(from: number): Promise<number> {
    const topics = new Set(this.#of("picture"));
    let keyframes = new Map<BagTopic, number>();
    for (const back of topics.size === 0 ? [] : KEYFRAME_BACK_MS) {
      keyframes = new Map();
      const query = { topics, from: from - back };
      for await (const message of this.#bag.messages(query)) {
        if (message.logTime > from) break;
        if (isKeyframe(message, this.#topics.get(message.topic)!)) {
          keyframes.set(message.topic, message.logTime);
        }
      }
      if (keyframes.size === topics.size) break;
    }
    return Math.min(from, ...keyframes.values());
  }

  /** Keeps of what is before a moment what is to be seen then. */
  #remember(
    before: Map<BagTopic, BagMessage[]>,
    message: BagMessage,
  ): void {
    const { topic } = message;
    const known = this.#topics.get(topic)!;
    if (known.kind === "sound" || known.kind === "transforms") return;
    const leans = known.kind === "picture" && !isKeyframe(message, known);
    before.set(topic, [...leans ? before.get(topic) ?? [] : [], message]);
  }

  async *#seenAt(
    time: number,
    before: ReadonlyMap<BagTopic, BagMessage[]>,
    transforms: BagTransforms,
  ): AsyncGenerator<TimedItem> {
    for (const message of [...before.values()].flat()) {
      const item = await this.#itemOf(message, transforms);
      if (item !== undefined) yield { time, item };
    }
  }

  async #itemOf(
    message: BagMessage,
    transforms: BagTransforms,
  ): Promise<RecordedItem | undefined> {
    const { topic } = message;
    try {
      return await recordedItem(message, this.#topics.get(topic)!, transforms);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#log.warn("a message is left out", { topic: topic.name, error });
    }
  }

  #of(kind: string): BagTopic[] {
    return [...this.#topics.values()].filter((one) => one.kind === kind)
      .map(({ topic }) => topic);
  }
}

/** What is in a recording, in the order of its times. */
import type { Logger } from "../logger.ts";
import type { BagMessage, BagTopic } from "../sources/bags/bag.ts";
import { BagTransforms } from "../sources/bags/bag_transforms.ts";
import type { McapBag } from "../sources/bags/mcap/mcap_bag.ts";
import { type KnownTopic, knownTopic } from "../sources/bags/topics.ts";
import { nameOf } from "./recorded_items.ts";
import { RecordedMoment } from "./recorded_moment.ts";
import type { RecordingContent } from "./recording_messages.ts";

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

  /** Reads from a moment on, milliseconds since the Unix epoch. */
  at(from: number): RecordedMoment {
    return new RecordedMoment({
      ...{ from, bag: this.#bag, topics: this.#topics, log: this.#log },
      transforms: this.#transforms(),
    });
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

  #of(kind: string): BagTopic[] {
    return [...this.#topics.values()].filter((one) => one.kind === kind)
      .map(({ topic }) => topic);
  }
}

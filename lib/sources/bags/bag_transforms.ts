import type { Logger } from "../../logger.ts";
import { PointsError } from "../../points/errors.ts";
import type { RosMessage } from "../../ros/message.ts";
import { TransformTree } from "../../ros/transform_tree.ts";
import type { Bag, BagMessage, BagTopic } from "./bag.ts";
import type { KnownTopic } from "./topics.ts";

/** Transforms of `/tf_static` that are read before the first cloud. */
const MAX_STATIC_MESSAGES = 10_000;

export interface BagTransformsOptions {
  /** The frame that clouds are placed in. @default {the root above each} */
  fixedFrame?: string;
  log: Logger;
}

/** The frames of a bag, kept up with its topics of transforms. */
export class BagTransforms {
  readonly tree: TransformTree;
  readonly #topics: ReadonlyMap<BagTopic, KnownTopic>;
  readonly #log: Logger;

  /** @param known of which those are followed that have transforms. */
  constructor(
    known: readonly KnownTopic[],
    { fixedFrame, log }: BagTransformsOptions,
  ) {
    this.tree = new TransformTree({ fixedFrame });
    this.#log = log;
    this.#topics = new Map(
      known.filter(({ kind }) => kind === "transforms")
        .map((one) => [one.topic, one]),
    );
  }

  /** Those that are followed. */
  get topics(): Iterable<BagTopic> {
    return this.#topics.keys();
  }

  /** Those of them whose transforms never change. */
  get staticTopics(): ReadonlySet<BagTopic> {
    return new Set(this.#topics.keys().filter(isStatic));
  }

  /** Takes a message of a bag; passes over those of other topics. */
  take({ topic, data }: BagMessage): void {
    const known = this.#topics.get(topic);
    if (known === undefined) return;
    let message: RosMessage;
    try {
      message = known.read(data);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#log.debug("transforms passed over", { error });
      return;
    }
    if (message.kind !== "transforms") return;
    for (const transform of message.transforms) {
      this.tree.add(transform, isStatic(topic));
    }
  }

  /** Those that never change hold from the start, wherever they are. */
  async readStatic(bag: Bag, signal: AbortSignal): Promise<void> {
    const topics = this.staticTopics;
    if (topics.size === 0) return;
    let read = 0;
    for await (const message of bag.messages({ topics, from: -Infinity })) {
      this.take(message);
      if (++read >= MAX_STATIC_MESSAGES || signal.aborted) return;
    }
  }
}

function isStatic({ name }: BagTopic): boolean {
  return /(^|\/)tf_static$/.test(name);
}

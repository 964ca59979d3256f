import type { BagTopic } from "../bag.ts";
import { type McapRecord, OP, readChannel, readSchema } from "./records.ts";

/** Which topic each channel of a file is of. */
export class Channels {
  readonly #schemas = new Map<number, string>();
  readonly #topics = new Map<number, BagTopic>();
  /** Several channels may be of one topic. */
  readonly #byName = new Map<string, BagTopic>();

  /** The topics, in the order in which they came. */
  get topics(): BagTopic[] {
    return [...this.#byName.values()];
  }

  get(channel: number): BagTopic | undefined {
    return this.#topics.get(channel);
  }

  /** Takes what records of schemas and channels say; passes over others. */
  learn({ op, content }: McapRecord): void {
    if (op === OP.schema) {
      const { id, name } = readSchema(content);
      this.#schemas.set(id, name);
    } else if (op === OP.channel) {
      const { id, schema, topic: name, encoding } = readChannel(content);
      if (this.#topics.has(id)) return;
      const type = this.#schemas.get(schema) ?? "";
      const key = JSON.stringify([name, type, encoding]);
      const topic = this.#byName.get(key) ?? { name, type, encoding };
      this.#byName.set(key, topic);
      this.#topics.set(id, topic);
    }
  }

  /** The topics of some channels; nothing where one isn't known. */
  of(channels: Iterable<number>): Set<BagTopic> | undefined {
    const topics = new Set<BagTopic>();
    for (const channel of channels) {
      const topic = this.#topics.get(channel);
      if (topic === undefined) return undefined;
      topics.add(topic);
    }
    return topics;
  }
}

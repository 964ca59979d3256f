import type { BagTopic } from "../bag.ts";
import { OP, Ros1Fields, type Ros1Record } from "./records.ts";

/** Which topic each connection of a bag is of, each of one publisher. */
export class Connections {
  readonly #topics = new Map<number, BagTopic>();
  readonly #byName = new Map<string, BagTopic>();

  /** The topics, in the order in which they came. */
  get topics(): BagTopic[] {
    return [...this.#byName.values()];
  }

  get(connection: number): BagTopic | undefined {
    return this.#topics.get(connection);
  }

  /** Takes what a record of a connection says; passes over others. */
  learn({ fields, data }: Ros1Record): void {
    if (fields.op !== OP.connection) return;
    const id = fields.uint32("conn");
    if (this.#topics.has(id)) return;
    // The header has the topic as it is recorded, the data as it was sent.
    const sent = new Ros1Fields(data);
    const name = fields.text("topic") ?? sent.text("topic") ?? "";
    const type = sent.text("type") ?? "";
    const key = JSON.stringify([name, type]);
    const topic = this.#byName.get(key) ?? { name, type, encoding: "ros1" };
    this.#byName.set(key, topic);
    this.#topics.set(id, topic);
  }

  /** The topics of some connections; nothing where one isn't known. */
  of(connections: Iterable<number>): Set<BagTopic> | undefined {
    const topics = new Set<BagTopic>();
    for (const id of connections) {
      const topic = this.#topics.get(id);
      if (topic === undefined) return undefined;
      topics.add(topic);
    }
    return topics;
  }
}

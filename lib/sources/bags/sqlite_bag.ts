import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";
import type { OpenFileOptions } from "./open_file_options.ts";
import type { Bag, BagMessage, BagTopic, MessageQuery } from "./bag.ts";

/** Most topics of a bag. */
const MAX_TOPICS = 10_000;

/**
 * Opens a file of rosbag2's sqlite3 storage: tables of topics and messages.
 *
 * @throws {SourceError} for what is none.
 */
export async function openSqliteBag(
  path: string,
  { name, log }: OpenFileOptions,
): Promise<Bag> {
  try {
    await Deno.stat(path);
    return new SqliteBag(path, { name, log });
  } catch (error) {
    throw new SourceError(
      `${name}: it is no bag of rosbag2: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

class SqliteBag implements Bag {
  readonly topics: readonly BagTopic[];
  readonly start: number;
  readonly end: number;
  readonly #name: string;
  readonly #log: Logger;
  readonly #database: DatabaseSync;
  readonly #byId = new Map<number, BagTopic>();

  constructor(path: string, { name, log }: OpenFileOptions) {
    this.#name = name;
    this.#log = log;
    this.#database = new DatabaseSync(path, { readOnly: true });
    try {
      const rows = this.#database.prepare(
        "SELECT id, name, type, serialization_format AS encoding " +
          "FROM topics ORDER BY id LIMIT ?",
      ).all(MAX_TOPICS);
      for (const { id, name, type, encoding } of rows) {
        this.#byId.set(Number(id), {
          name: String(name),
          type: String(type),
          encoding: String(encoding),
        });
      }
      this.topics = [...this.#byId.values()];
      // Nanoseconds are more than a number holds.
      const times = this.#database.prepare(
        "SELECT min(timestamp) / 1000 AS start, max(timestamp) / 1000 AS end " +
          "FROM messages",
      ).get();
      this.start = Number(times?.start ?? Infinity) / 1000;
      this.end = Number(times?.end ?? -Infinity) / 1000;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  async *messages(
    { topics, from }: MessageQuery,
  ): AsyncGenerator<BagMessage> {
    const ids = [...this.#byId].filter(([, topic]) => topics.has(topic))
      .map(([id]) => id);
    try {
      const rows = this.#database.prepare(
        "SELECT topic_id AS id, timestamp / 1000 AS time, data FROM messages " +
          `WHERE topic_id IN (${ids.map(() => "?").join()}) ` +
          "AND timestamp >= ? ORDER BY timestamp",
      ).iterate(...ids, BigInt(Math.max(0, Math.floor(from * 1000))) * 1000n);
      for (const { id, time, data } of rows) {
        const topic = this.#byId.get(Number(id));
        if (topic === undefined || !(data instanceof Uint8Array)) continue;
        yield { topic, logTime: Number(time) / 1000, data };
      }
    } catch (error) {
      this.#log.warn("the bag was played up to where it is damaged", {
        file: this.#name,
        why: reasonOf(error),
      });
    }
  }

  countMessages(): Promise<ReadonlyMap<BagTopic, number>> {
    const rows = this.#database.prepare(
      "SELECT topic_id AS id, count(*) AS count FROM messages GROUP BY topic_id",
    ).all();
    return Promise.resolve(
      new Map(rows.flatMap(({ id, count }) => {
        const topic = this.#byId.get(Number(id));
        return topic === undefined ? [] : [[topic, Number(count)] as const];
      })),
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

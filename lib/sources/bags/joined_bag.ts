import type { Bag, BagMessage, BagTopic, MessageQuery } from "./bag.ts";

/** A file of a bag in several, and which topics its own are. */
interface Part {
  bag: Bag;
  topics: ReadonlyMap<BagTopic, BagTopic>;
}

/** Messages of a file that are being read: the next, and those after it. */
interface Reading {
  next: BagMessage;
  rest: AsyncIterator<BagMessage>;
}

/** Several files as one bag, such as a recording that was split. */
export class JoinedBag implements Bag {
  readonly topics: readonly BagTopic[];
  readonly start: number;
  readonly end: number;
  readonly damage: string | undefined;
  readonly #parts: readonly Part[];

  /** Takes the bags over. */
  constructor(bags: readonly Bag[]) {
    const topics = new Map<string, BagTopic>();
    this.#parts = bags.map((bag) => ({
      bag,
      topics: new Map(bag.topics.map((own) => {
        const key = JSON.stringify([own.name, own.type, own.encoding]);
        const topic = topics.get(key) ?? own;
        topics.set(key, topic);
        return [own, topic];
      })),
    }));
    this.topics = [...topics.values()];
    this.start = Math.min(...bags.map(({ start }) => start));
    this.end = Math.max(...bags.map(({ end }) => end));
    const damages = bags.flatMap(({ damage }) => damage ?? []);
    this.damage = damages.length > 0 ? damages.join("; ") : undefined;
  }

  /** A file is read from when its first message is due. */
  async *messages(query: MessageQuery): AsyncGenerator<BagMessage> {
    const waiting = this.#parts
      .filter(({ bag }) => bag.end >= query.from)
      .sort((a, b) => a.bag.start - b.bag.start);
    const readings: Reading[] = [];
    try {
      while (waiting.length > 0 || readings.length > 0) {
        const first = earliest(readings);
        const until = first?.next.logTime ?? Infinity;
        if (waiting.length > 0 && waiting[0].bag.start <= until) {
          const rest = messagesOf(waiting.shift()!, query);
          const { value, done } = await rest.next();
          if (!done) readings.push({ next: value, rest });
          continue;
        }
        if (first === undefined) return;
        yield first.next;
        const { value, done } = await first.rest.next();
        if (done) readings.splice(readings.indexOf(first), 1);
        else first.next = value;
      }
    } finally {
      for (const { rest } of readings) await rest.return?.();
    }
  }

  async countMessages(): Promise<ReadonlyMap<BagTopic, number>> {
    const counts = new Map<BagTopic, number>();
    for (const { bag, topics } of this.#parts) {
      for (const [own, count] of await bag.countMessages()) {
        const topic = topics.get(own)!;
        counts.set(topic, (counts.get(topic) ?? 0) + count);
      }
    }
    return counts;
  }

  [Symbol.dispose](): void {
    for (const { bag } of this.#parts) bag[Symbol.dispose]();
  }
}

function earliest(readings: readonly Reading[]): Reading | undefined {
  let first: Reading | undefined;
  for (const reading of readings) {
    if (!first || reading.next.logTime < first.next.logTime) first = reading;
  }
  return first;
}

async function* messagesOf(
  { bag, topics }: Part,
  { topics: wanted, from }: MessageQuery,
): AsyncGenerator<BagMessage> {
  const own = [...topics].filter(([, topic]) => wanted.has(topic))
    .map(([topic]) => topic);
  for await (const message of bag.messages({ topics: new Set(own), from })) {
    yield { ...message, topic: topics.get(message.topic)! };
  }
}

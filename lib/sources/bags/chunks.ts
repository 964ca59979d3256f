import type { Logger } from "../../logger.ts";
import { PointsError } from "../../points/errors.ts";
import type { BagMessage, BagTopic, MessageQuery } from "./bag.ts";

/** A part of a bag that is read at once. */
export interface BagChunk {
  /** When its first and last messages were recorded, milliseconds. */
  readonly start: number;
  readonly end: number;
  /** The topics that it has messages of, where that is known. */
  readonly topics?: ReadonlySet<BagTopic>;
  /**
   * Reads its messages of some topics, in any order.
   *
   * @throws {PointsError} where it is damaged.
   */
  load(topics: ReadonlySet<BagTopic>): Promise<BagMessage[]>;
}

/** Bytes of messages that wait for earlier ones of other chunks. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

/**
 * Reads the messages of chunks in the order of their times. Chunks are read one
 * after the other, as they are needed, and more than one are held only where
 * their times overlap.
 *
 * @param log receives the first part that is damaged; those are passed over.
 */
export async function* messagesOf(
  chunks: readonly BagChunk[],
  { topics, from }: MessageQuery,
  log: Logger,
): AsyncGenerator<BagMessage> {
  const wanted = chunks
    .filter((chunk) => chunk.end >= from && hasAny(chunk, topics))
    .toSorted((a, b) => a.start - b.start);
  let waiting: BagMessage[] = [];
  let damaged = 0;
  for (const [i, chunk] of wanted.entries()) {
    try {
      const messages = await chunk.load(topics);
      waiting = waiting.concat(
        messages.filter(({ logTime }) => logTime >= from),
      );
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      if (damaged++ === 0) log.warn("a part of the bag is left out", { error });
    }
    waiting.sort((a, b) => a.logTime - b.logTime);
    const bytes = waiting.reduce((sum, { data }) => sum + data.length, 0);
    const until = bytes > MAX_WAITING_BYTES
      ? Infinity
      : wanted[i + 1]?.start ?? Infinity;
    const due = waiting.findIndex(({ logTime }) => logTime > until);
    const ready = due < 0 ? waiting : waiting.slice(0, due);
    waiting = due < 0 ? [] : waiting.slice(due);
    // What was given out is let go of, one by one.
    for (let message; (message = ready.shift());) yield message;
  }
  if (damaged > 1) log.warn("parts of the bag were left out", { damaged });
}

function hasAny(
  { topics: has }: BagChunk,
  topics: ReadonlySet<BagTopic>,
): boolean {
  return has === undefined || !has.isDisjointFrom(topics);
}

import type { BagMessage } from "./bag.ts";

/** Bytes and messages that are read before they are due. */
const AHEAD_BYTES = 32 * 1024 * 1024;
const AHEAD_MESSAGES = 1_000;

/** Reads some messages ahead, so that a slow disk makes none late. */
export async function* prefetch(
  messages: AsyncIterable<BagMessage>,
): AsyncGenerator<BagMessage> {
  const ahead: BagMessage[] = [];
  let bytes = 0;
  let hasEnded = false;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  let changed = Promise.withResolvers<void>();
  const hasRoom = () =>
    ahead.length === 0 ||
    ahead.length < AHEAD_MESSAGES && bytes < AHEAD_BYTES;
  const tell = () => {
    const before = changed;
    changed = Promise.withResolvers();
    before.resolve();
  };
  const reading = (async () => {
    try {
      for await (const message of messages) {
        ahead.push(message);
        bytes += message.data.length;
        tell();
        while (!isOver && !hasRoom()) await changed.promise;
        if (isOver) return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      hasEnded = true;
      tell();
    }
  })();
  try {
    while (true) {
      const message = ahead.shift();
      if (message !== undefined) {
        bytes -= message.data.length;
        tell();
        yield message;
      } else if (failure !== undefined) throw failure.error;
      else if (hasEnded) return;
      else await changed.promise;
    }
  } finally {
    isOver = true;
    tell();
    await reading;
  }
}

/** Options of {@linkcode pacedBody}. */
export interface PacedBodyOptions {
  /** Time that the reader has for a piece, milliseconds. @default {10_000} */
  pieceMs?: number;
  /** Time that it has for a whole part, milliseconds. @default {60_000} */
  partMs?: number;
  /** Called once, when no more is read: at the end, or earlier. */
  onEnd(): void;
}

/** Bytes that are handed over at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Makes a body of parts that are made as the reader takes them: one at a time,
 * in pieces. A reader that is too slow is cut off, so that what it makes the
 * server hold is not held for long.
 *
 * @param parts closed when no more is read.
 */
export function pacedBody(
  parts: AsyncGenerator<Uint8Array, void, void>,
  { pieceMs = 10_000, partMs = 60_000, onEnd }: PacedBodyOptions,
): ReadableStream<Uint8Array> {
  let rest = new Uint8Array();
  let pieceTimer: ReturnType<typeof setTimeout>;
  let partTimer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(pieceTimer);
    clearTimeout(partTimer);
    onEnd();
    // It may be waiting for what `onEnd` gives up.
    void parts.return().catch(() => {});
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(pieceTimer);
      const cutOff = () => {
        end();
        controller.error(new Error("The reader was too slow"));
      };
      if (rest.length === 0) {
        clearTimeout(partTimer);
        const { done, value } = await nextOf(parts).catch((error) => {
          end();
          throw error;
        });
        if (isOver) return;
        if (done) {
          end();
          return controller.close();
        }
        rest = value as Uint8Array<ArrayBuffer>;
        partTimer = setTimeout(cutOff, partMs);
      }
      controller.enqueue(rest.subarray(0, PIECE_BYTES));
      rest = rest.subarray(PIECE_BYTES);
      pieceTimer = setTimeout(cutOff, pieceMs);
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

/** The next part that has any bytes. */
async function nextOf(parts: AsyncGenerator<Uint8Array, void, void>) {
  while (true) {
    const next = await parts.next();
    if (next.done || next.value.length > 0) return next;
  }
}

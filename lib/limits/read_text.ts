/** What was wrong with a body that was not read to its end. */
export type BodyErrorReason = "too-large" | "not-utf8" | "cut-off";

/** Thrown where a body can't be read, or is more than was asked for. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  constructor(readonly reason: BodyErrorReason, options?: ErrorOptions) {
    super(`The body is ${reason}`, options);
  }
}

/** What of a request or a response carries a body. */
export type Message = Pick<Request | Response, "headers" | "body">;

export interface ReadTextOptions {
  /** Most bytes, after any decompression. */
  maxBytes: number;
  /** Whether to refuse what isn't UTF-8. @default {false} */
  fatal?: boolean;
  /** Gives the reading up. */
  signal?: AbortSignal;
}

/**
 * Reads a body as text, and stops where it grows too large: of one that says
 * that it will, nothing is read. A byte order mark is left out.
 *
 * @throws {BodyError} for what is larger, no UTF-8, or cut off.
 * @throws the signal's reason when it is aborted.
 */
export async function readText(
  { headers, body }: Message,
  { maxBytes, fatal = false, signal }: ReadTextOptions,
): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel);
  try {
    signal?.throwIfAborted();
    if (Number(headers.get("content-length") ?? 0) > maxBytes) {
      throw new BodyError("too-large");
    }
    const bytes = await readBytes(reader, maxBytes);
    signal?.throwIfAborted();
    return decode(bytes, fatal);
  } catch (error) {
    cancel();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/** Small pieces are not kept as they come: each costs more than it holds. */
async function readBytes(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(0);
  let length = 0;
  while (true) {
    const { done, value } = await next(reader);
    if (done) return bytes.subarray(0, length);
    const end = length + value.length;
    if (end > maxBytes) throw new BodyError("too-large");
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.min(2 * end, maxBytes));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(value, length);
    length = end;
  }
}

function decode(bytes: Uint8Array, fatal: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal }).decode(bytes);
  } catch (cause) {
    throw new BodyError("not-utf8", { cause });
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new BodyError("cut-off", { cause });
  }
}

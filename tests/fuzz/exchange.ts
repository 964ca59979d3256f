/** One request over a TCP connection of its own, and what comes back. */
import { Buffer } from "node:buffer";

/** What came back: nothing where the connection was closed without an answer. */
export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/** More than this is not read of an answer. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** An answer is waited for this long before the request is ended. */
const PATIENCE_MS = 100;

/**
 * Sends bytes, and reads until the answer is whole or the connection is closed.
 * A request that says that there is more of it than there is gets no answer:
 * it is ended after a while.
 */
export async function exchange(
  address: Deno.ConnectOptions,
  request: Uint8Array,
): Promise<RawAnswer | undefined> {
  using connection = await Deno.connect(address);
  const timer = setTimeout(() => {
    connection.closeWrite().catch(() => {
      // It is closed already.
    });
  }, PATIENCE_MS);
  try {
    // Nobody may read to the end of it.
    void writeAll(connection, request).catch(() => {});
    return await readAnswer(connection);
  } finally {
    clearTimeout(timer);
  }
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

async function readAnswer(from: Deno.Conn): Promise<RawAnswer | undefined> {
  let letters = "";
  const piece = new Uint8Array(65_536);
  while (letters.length < MAX_ANSWER_BYTES) {
    // A reset is an end as well.
    const count = await from.read(piece).catch(() => null);
    if (count === null) break;
    letters += Buffer.from(piece.subarray(0, count)).toString("latin1");
    if (isWhole(letters)) break;
  }
  // 100 (Continue) is none yet.
  const final = letters.replace(/^HTTP\/1.1 1\d\d [^]*?\r\n\r\n/, "");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(final)?.[1];
  if (status === undefined) return undefined;
  const [head] = final.split("\r\n\r\n", 1);
  return { status: Number(status), head, body: final.slice(head.length + 4) };
}

/** Whether an answer is whole as far as it says where it ends. */
function isWhole(letters: string): boolean {
  const end = letters.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = letters.slice(0, end).toLowerCase();
  const body = letters.slice(end + 4);
  if (/^http\/1\.[01] (204|304)/.test(head)) return true;
  if (/^http\/1\.[01] 1/.test(head)) return isWhole(body);
  if (head.includes("\r\ncontent-type: text/event-stream")) return true;
  if (/\r\ntransfer-encoding: chunked/.test(head)) {
    return body.endsWith("0\r\n\r\n");
  }
  const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? [];
  return length !== undefined && body.length >= Number(length);
}

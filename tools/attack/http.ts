/** Requests as strangers make them: raw, and many. */
import { setTimeout as delay } from "node:timers/promises";
import type { AttackContext, Sent } from "./attack.ts";

/** A request, of which nothing is added to but what HTTP needs. */
export interface RawRequest {
  /** Such as `GET`. */
  method?: string;
  /** Path, as it stands in the request's first line. */
  target: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What came back; status 0 where nothing did. */
export interface RawAnswer {
  status: number;
  /** Head and body, at most 1 MiB of them. */
  text: string;
}

/** What the body of an offer is. */
export const JSON_TYPE = { "content-type": "application/json" };
const MOST_ANSWER_BYTES = 1024 * 1024;
/** Time for an answer, milliseconds. */
const PATIENCE_MS = 30_000;
const encoder = new TextEncoder();

/** Makes requests to a server, and counts them. */
export class Requests {
  readonly sent: Sent = { requests: 0, bytes: 0, breaches: [] };
  readonly #url: URL;

  constructor({ url }: Pick<AttackContext, "url">) {
    this.#url = new URL(url);
  }

  /** Opens a connection, and counts what is written to it by `write`. */
  async connect(): Promise<Deno.TcpConn> {
    const { hostname, port } = this.#url;
    return await Deno.connect({ hostname, port: Number(port) });
  }

  /** Writes text to a connection. */
  async write(connection: Deno.Conn, text: string): Promise<void> {
    const bytes = encoder.encode(text);
    this.sent.bytes += bytes.length;
    for (let at = 0; at < bytes.length;) {
      at += await connection.write(bytes.subarray(at));
    }
  }

  /** Makes a request over a connection of its own. */
  async ask(request: RawRequest): Promise<RawAnswer> {
    this.sent.requests++;
    try {
      using connection = await this.connect();
      const timer = setTimeout(() => connection.closeWrite(), PATIENCE_MS);
      try {
        await this.write(connection, this.#textOf(request));
        return await readAnswer(connection);
      } finally {
        clearTimeout(timer);
      }
    } catch {
      return { status: 0, text: "" };
    }
  }

  /** Posts an offer as clients of ours do. */
  async offer(sdp: string, more: object = {}): Promise<RawAnswer> {
    return await this.ask({
      method: "POST",
      target: "/offer",
      headers: JSON_TYPE,
      body: JSON.stringify({ type: "offer", sdp, ...more }),
    });
  }

  /** Notes what must not be. */
  breach(what: string): void {
    if (!this.sent.breaches!.includes(what)) this.sent.breaches!.push(what);
  }

  /** Notes an answer that no request may have. */
  check({ status, text }: RawAnswer, what: string): void {
    if (status >= 500 && status !== 503) {
      this.breach(`${what} was answered ${status}`);
    }
    if (/\n\s+at .+:\d+:\d+/.test(text)) {
      this.breach(`${what} was answered with a stack trace`);
    }
  }

  #textOf({ method = "GET", target, headers, body }: RawRequest): string {
    const fields: Record<string, string> = {
      host: this.#url.host,
      connection: "close",
      ...body === undefined
        ? {}
        : { "content-length": `${encoder.encode(body).length}` },
      ...headers,
    };
    const lines = Object.entries(fields).map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
  }
}

/** Acts again and again until the time is over, some at once. */
export async function repeat(
  { seconds }: Pick<AttackContext, "seconds">,
  { atOnce = 1, everyMs = 0 }: { atOnce?: number; everyMs?: number },
  act: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() < deadline) {
      const next = delay(everyMs);
      await act();
      await next;
    }
  }));
}

/** Waits until the time of an attack is over that began at `started`. */
export async function stay(
  { seconds }: Pick<AttackContext, "seconds">,
  started: number,
): Promise<void> {
  await delay(Math.max(0, started + seconds * 1000 - performance.now()));
}

async function readAnswer(connection: Deno.Conn): Promise<RawAnswer> {
  const buffer = new Uint8Array(16 * 1024);
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < MOST_ANSWER_BYTES) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text };
}

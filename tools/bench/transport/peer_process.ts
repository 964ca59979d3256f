import type { Received } from "../peers/protocol.ts";
import { TextLineStream } from "../../text_lines.ts";
import type { Kind } from "./conditions.ts";
import { commandOf } from "./programs.ts";

/** Time for a peer's answer, beyond the time that it measures. */
const PATIENCE_MS = 30_000;

/** A message from a peer. */
export interface PeerMessage {
  sdp?: string;
  done?: boolean;
  cpu?: number;
  /** When its channel opened, milliseconds of the wall clock. */
  openedAt?: number;
  bytesSent?: number;
  bytesRetransmitted?: number;
  received?: Received;
}

/** A peer program of the bench as a process of its own. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;
  readonly #kind: Kind;

  constructor(kind: Kind, args: string[]) {
    this.#kind = kind;
    const [program, ...rest] = commandOf(kind);
    this.#child = new Deno.Command(program, {
      args: [...rest, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextLineStream())
      .values();
  }

  async tell(message: unknown): Promise<void> {
    const line = `${JSON.stringify(message)}\n`;
    await this.#stdin.write(new TextEncoder().encode(line));
  }

  /**
   * Waits for the peer's next message.
   *
   * @throws {Error} when the peer ends, or says nothing in time.
   */
  async hear(extraMs = 0): Promise<PeerMessage> {
    const timer = setTimeout(() => this.#kill(), PATIENCE_MS + extraMs);
    try {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The ${this.#kind} peer ended or hung`);
      return JSON.parse(value);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tell({ end: true }).catch(() => {});
    const timer = setTimeout(() => this.#kill(), 3000);
    await this.#child.status;
    clearTimeout(timer);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

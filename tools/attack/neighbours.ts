/** Those whom an attack must not disturb: one who publishes, one who watches. */
import { settlesWithin } from "../../lib/async.ts";
import { follow } from "../../lib/playing/follow.ts";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import { type Process, type ServerProcess, startClient } from "../processes.ts";
import { pause } from "../soak/visitor.ts";

/** What the publisher sends: the load that the goals speak of. */
const STREAM = ["--points", "100000", "--rate", "4", "--no-adaptive"];
/** Frames that may be on their way when it is stopped: a second's worth. */
const UNDER_WAY = 4;
/** Longest wait for the last frame, milliseconds. */
const LAST_MS = 3_000;
/** Longest wait for the first one. */
const FIRST_MS = 60_000;

/** What an attack cost the two. */
export interface Misses {
  /** Frames that the publisher sent. */
  sent: number;
  /** Frames that it dropped, or that the server didn't get. */
  publisher: number;
  /** Frames that the watcher missed, the publisher's included. */
  watcher: number;
  /** Why the publisher ended before it was asked to, where it did. */
  ended?: string;
}

/** A client that publishes 100,000 points at 4 Hz, and one who watches it. */
export class Neighbours implements AsyncDisposable {
  /** The publisher's session, as it began. */
  readonly session: string;
  readonly #client: Process;
  readonly #leaving = new AbortController();
  readonly #watching: Promise<void>;
  #first: number | undefined;
  #last = -1;
  #missed = 0;

  private constructor(
    server: ServerProcess,
    client: Process,
    session: string,
    token?: string,
  ) {
    this.session = session;
    this.#client = client;
    this.#watching = this.#watch(server.url, token);
  }

  /** Starts both, and waits until frames come to the watcher. */
  static async start(
    server: ServerProcess,
    token?: string,
  ): Promise<Neighbours> {
    const client = startClient(server, [
      ...["--media", "none", "--duration", "0", "--json"],
      ...STREAM,
    ], { env: token === undefined ? {} : { POINTWIRE_TOKEN: token } });
    const { session } = await server.waitForLog(
      "the publisher's points",
      ({ message }) => message === "receiving",
    );
    const neighbours = new Neighbours(server, client, session!, token);
    const deadline = performance.now() + FIRST_MS;
    while (neighbours.#first === undefined) {
      if (performance.now() > deadline) {
        await neighbours[Symbol.asyncDispose]();
        throw new Error("No frame came to the watcher");
      }
      await pause(50, neighbours.#leaving.signal);
    }
    return neighbours;
  }

  /** Frames that the watcher has missed so far. */
  get missed(): number {
    return this.#missed;
  }

  /** Has both leave, and counts what they missed. */
  async leave(): Promise<Misses> {
    const client = this.#client;
    const isEarly = await settlesWithin(0, client.child.status);
    if (!isEarly) client.child.kill("SIGINT");
    await client.finished();
    const text = await client.stdout;
    if (text === "") {
      const last = client.stderr.slice(-3).join(" ");
      throw new Error(`The publisher gave no report: ${last}`);
    }
    const report: PublishReport = JSON.parse(text);
    const { framesSent, framesAcked, framesDropped } = report;
    const all = framesSent + framesDropped;
    const deadline = performance.now() + LAST_MS;
    while (this.#last < all - 1 && performance.now() < deadline) {
      await pause(50, this.#leaving.signal);
    }
    this.#leaving.abort();
    await this.#watching;
    const atEnd = unlessUnderWay(all - 1 - this.#last);
    const unacked = unlessUnderWay(framesSent - framesAcked);
    return {
      sent: framesSent,
      publisher: framesDropped + unacked,
      watcher: this.#missed + atEnd,
      ...isEarly ? { ended: report.failure ?? "for no reason" } : {},
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort();
    await this.#client[Symbol.asyncDispose]();
    await this.#watching;
  }

  async #watch(server: string, token?: string): Promise<void> {
    const { signal } = this.#leaving;
    const onFrame = ({ number }: { number: number }) => {
      this.#first ??= number;
      // A session that takes the place of another goes on with its numbers.
      if (this.#last >= 0) this.#missed += Math.max(0, number - this.#last - 1);
      this.#last = Math.max(this.#last, number);
    };
    try {
      for await (const session of follow({ server, token, signal, onFrame })) {
        await session.ended;
      }
    } catch (error) {
      if (!signal.aborted) console.error("The watcher gave up:", error);
    }
  }
}

/** Frames at the end that didn't arrive; none where they may be on their way. */
function unlessUnderWay(frames: number): number {
  return frames > UNDER_WAY ? frames : 0;
}

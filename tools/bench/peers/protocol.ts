/**
 * The conversation of the transport bench with each peer program: lines of
 * JSON, said on standard output and heard on standard input.
 *
 *   sender:    says {sdp} of its offer → hears {sdp} of the answer → says
 *              {done, cpu, openedAt} when it has sent for so many seconds → hears
 *              {end: true}
 *   receiver:  hears {sdp} of the offer → says {sdp} of its answer → says
 *              {received} when so many seconds have passed since the first
 *              message → hears {end: true}
 */
import process from "node:process";
import { TextLineStream } from "../../text_lines.ts";

/** Bytes of a message: the most that every peer takes, a multiple of 4. */
export const MESSAGE_BYTES = 65_532;
/** Bytes that a sender keeps waiting in its channel. */
export const KEPT_BYTES = 512 * 1024;

/** Bytes whose arrival a receiver notes: the start of a flow. */
export const MARKS = [100_000, 1_000_000] as const;

/** A receiver's report. */
export interface Received {
  bytes: number;
  /** When each of the marks had come, milliseconds of the wall clock. */
  marks?: number[];
  /** Bytes of each second. */
  perSecond: number[];
  /** CPU seconds, user and system, in that time. */
  cpu: number;
}

export interface PeerArguments {
  role: "send" | "receive";
  seconds: number;
  /** Both are ours and on one machine, with nothing between. */
  sameHost: boolean;
}

export function readArguments(): PeerArguments {
  const [role, seconds, sameHost] = Deno.args;
  return {
    role: role as PeerArguments["role"],
    seconds: Number(seconds),
    sameHost: sameHost === "same-host",
  };
}

const lines = Deno.stdin.readable.pipeThrough(new TextLineStream())
  .values();

/** Waits for the next line of JSON. */
export async function hear(): Promise<{ sdp: string }> {
  const { value, done } = await lines.next();
  if (done) Deno.exit(0);
  return JSON.parse(value);
}

export function say(message: unknown): void {
  console.log(JSON.stringify(message));
}

/** Milliseconds of the wall clock, which all peers of a machine share. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** CPU seconds of this process so far. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Counts the bytes that come, from the first message on. */
export class Meter {
  readonly #seconds: number;
  #bytes = 0;
  #cpu = 0;
  #last = 0;
  readonly #marks: number[] = [];
  readonly #perSecond: number[] = [];

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  count(bytes: number): void {
    if (this.#bytes === 0) this.#start();
    this.#bytes += bytes;
    while (this.#bytes >= (MARKS[this.#marks.length] ?? Infinity)) {
      this.#marks.push(wallMs());
    }
  }

  #start(): void {
    this.#cpu = cpuSeconds();
    const timer = setInterval(() => {
      this.#perSecond.push(this.#bytes - this.#last);
      this.#last = this.#bytes;
      if (this.#perSecond.length < this.#seconds) return;
      clearInterval(timer);
      const received: Received = {
        bytes: this.#bytes,
        marks: this.#marks,
        perSecond: this.#perSecond,
        cpu: cpuSeconds() - this.#cpu,
      };
      say({ received });
    }, 1000);
  }
}

import type { Logger } from "../../log.ts";

/** A bridge whose time is nearer to ours than this goes by our clock. */
const SAME_CLOCK_MS = 2_000;
/** The oldest that a message may be when the bridge has it. */
const MAX_AGE_MS = 60_000;
/** How much a stamp may lie ahead: clocks of one robot's machines differ. */
const MAX_AHEAD_MS = 1_000;

/** What a message says of its times, milliseconds since the Unix epoch. */
export interface MessageTimes {
  /** Of the message itself. */
  stamp: number;
  /** When the bridge had it, by its clock; 0 where it doesn't say. */
  sentAt: number;
  /** When it came, by this machine's clock. */
  cameAt: number;
}

/**
 * Makes capture times of the stamps of a topic. Where the bridge's clock is
 * another than ours, such as of simulated time, what counts is how old a
 * message was when the bridge had it. Where the stamp is of another clock than
 * the bridge's, such as of a bag that is played, a message is captured when it
 * comes. Either is said once.
 */
export class Stamps {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Gives a message's capture time, milliseconds since the Unix epoch. */
  captureTime({ stamp, sentAt, cameAt }: MessageTimes): number {
    const hadAt = sentAt === 0 ? cameAt : sentAt;
    const age = hadAt - stamp;
    if (!(age >= -MAX_AHEAD_MS && age <= MAX_AGE_MS)) {
      this.#say(
        "its stamps are far from the bridge's time: what comes is captured " +
          "when it comes",
        { stamp: dateOf(stamp), bridge: dateOf(hadAt) },
      );
      return cameAt;
    }
    if (Math.abs(cameAt - hadAt) <= SAME_CLOCK_MS) return stamp;
    this.#say(
      "the bridge's clock is another than this machine's: latency counts " +
        "from what it says, without the way here",
      { bridge: dateOf(hadAt), here: dateOf(cameAt) },
    );
    return cameAt - Math.max(0, age);
  }

  #say(what: string, fields: Record<string, string>): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#log.warn(what, fields);
  }
}

/** A time for people, within what a date can hold. */
function dateOf(ms: number): string {
  const held = Number.isFinite(ms) ? Math.max(0, Math.min(ms, 8.64e15)) : 0;
  return new Date(held).toISOString();
}

import { HeldBytes } from "../limits/held_bytes.ts";
import type { Intake } from "../limits/intake.ts";
import type { SessionLimit } from "../limits/limit_name.ts";
import {
  BYTES_BURST_S,
  DEFAULT_SESSION_LIMITS,
  MESSAGES_BURST_S,
  type SessionLimits,
} from "../limits/session_limits.ts";
import { TokenBucket } from "../limits/token_bucket.ts";

/** Called for the first limit that the peer broke; `reason` is a clause. */
export type OnBroken = (limit: SessionLimit, reason: string) => void;

/** Holds one peer to its limits, which others report use of. */
export class SessionGuard implements Intake, Disposable {
  readonly limits: SessionLimits;
  readonly held: HeldBytes;
  readonly #onBroken: OnBroken;
  readonly #now: () => number;
  readonly #bytes: TokenBucket;
  readonly #messages: TokenBucket;
  #isOver = false;
  #channels = 0;
  #invalid = 0;
  #usefulAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param now milliseconds that only go up. */
  constructor(
    limits: Partial<SessionLimits>,
    onBroken: OnBroken,
    now = () => performance.now(),
  ) {
    this.limits = { ...DEFAULT_SESSION_LIMITS, ...limits };
    this.#onBroken = onBroken;
    this.#now = now;
    this.held = new HeldBytes(
      this.limits.heldBytes,
      (most) =>
        this.broken(
          "held-bytes",
          `more than ${most} bytes are held of what isn't whole or wasn't taken`,
        ),
    );
    const { bytesPerSecond, messagesPerSecond } = this.limits;
    const bucket = (rate: number, seconds: number) =>
      new TokenBucket({ rate, capacity: rate * seconds, now });
    this.#bytes = bucket(bytesPerSecond, BYTES_BURST_S);
    this.#messages = bucket(messagesPerSecond, MESSAGES_BURST_S);
  }

  /** The peer is connected: from now on it may be idle. */
  connected(): void {
    this.useful();
    if (this.limits.idleMs !== Infinity) this.#lookIn(this.limits.idleMs);
  }

  /** A data channel was opened. */
  channel(): void {
    const { dataChannels } = this.limits;
    if (++this.#channels <= dataChannels) return;
    this.broken(
      "data-channels",
      `more than ${dataChannels} data channels were opened`,
    );
  }

  arrived(bytes: number): void {
    if (this.#bytes.take(bytes)) return;
    const { bytesPerSecond } = this.limits;
    this.broken(
      "bytes-per-second",
      `more than ${bytesPerSecond} bytes a second came`,
    );
  }

  delivered(messages: number): void {
    if (this.#messages.take(messages)) return;
    const { messagesPerSecond } = this.limits;
    this.broken(
      "messages-per-second",
      `more than ${messagesPerSecond} messages a second came`,
    );
  }

  /** A whole frame or a media packet came. */
  useful(): void {
    this.#usefulAt = this.#now();
  }

  /** A whole frame came: what can't be read was no more than a mistake. */
  frame(): void {
    this.useful();
    this.#invalid = 0;
  }

  /** A message came that can't be read, and why. */
  invalid(why: string): void {
    const { invalidMessages } = this.limits;
    if (++this.#invalid <= invalidMessages) return;
    this.broken(
      "invalid-messages",
      `more than ${invalidMessages} messages could not be read; the last: ${why}`,
    );
  }

  /** Reports a limit that was found broken elsewhere. */
  broken(limit: SessionLimit, reason: string): void {
    if (this.#isOver) return;
    this[Symbol.dispose]();
    this.#onBroken(limit, reason);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    this.#timer = setTimeout(() => this.#lookForUse(), ms);
  }

  #lookForUse(): void {
    const { idleMs } = this.limits;
    const left = this.#usefulAt + idleMs - this.#now();
    if (left > 0) return this.#lookIn(left);
    this.broken(
      "idle-time",
      `neither points nor media came for ${idleMs / 1000} s`,
    );
  }
}

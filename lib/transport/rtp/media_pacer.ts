/** In which order packets leave that wait at the same time. */
export const PRIORITY = { audio: 0, repair: 1, video: 2 } as const;
export type Priority = typeof PRIORITY[keyof typeof PRIORITY];

/** A packet that waits to be sent. */
export interface PacedPacket {
  /** What it belongs to. */
  readonly stream: object;
  readonly bytes: number;
  /** Sends it. */
  send(now: number): void;
}

/** What may be made up for of a timer that comes late, milliseconds. */
const CATCH_UP_MS = 5;
/** Timers tell no less. */
const SLACK_MS = 0.5;

/**
 * Spreads the packets of one path over time, as libwebrtc's pacer does: a
 * keyframe's hundred packets at once overflow the queues on the way. It has no
 * clock and no timer: `wakeAt` is when to call `wake`.
 */
export class MediaPacer {
  readonly #waiting: PacedPacket[][] = [[], [], []];
  #bytes = 0;
  #nextAt = -Infinity;
  /** When `wake` is to be called; Infinity for not at all. */
  wakeAt = Infinity;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a packet, and sends what may leave now. */
  push(
    packet: PacedPacket,
    priority: Priority,
    now: number,
    rate: number,
  ): void {
    this.#waiting[priority].push(packet);
    this.#bytes += packet.bytes;
    this.wake(now, rate);
  }

  /**
   * Sends what may leave now.
   *
   * @param rate bytes a millisecond.
   */
  wake(now: number, rate: number): void {
    this.#nextAt = Math.max(this.#nextAt, now - CATCH_UP_MS);
    while (this.#bytes > 0) {
      const isUrgent = this.#waiting[PRIORITY.audio].length > 0;
      if (!isUrgent && this.#nextAt > now + SLACK_MS) break;
      const packet = this.#shift();
      this.#nextAt += packet.bytes / rate;
      packet.send(now);
    }
    this.wakeAt = this.#bytes > 0 ? this.#nextAt : Infinity;
  }

  /** Notes bytes of others that take the same path while packets wait. */
  charge(bytes: number, now: number, rate: number): void {
    if (this.#bytes === 0) return;
    this.#nextAt = Math.max(this.#nextAt, now - CATCH_UP_MS) + bytes / rate;
    this.wakeAt = this.#nextAt;
  }

  /** Forgets the video that `isDropped` tells; returns how many packets. */
  drop(isDropped: (packet: PacedPacket) => boolean): number {
    const before = this.#waiting[PRIORITY.video];
    const kept = before.filter((packet) => !isDropped(packet));
    this.#waiting[PRIORITY.video] = kept;
    this.#bytes = this.#waiting.flat()
      .reduce((sum, { bytes }) => sum + bytes, 0);
    return before.length - kept.length;
  }

  #shift(): PacedPacket {
    const packet = this.#waiting.find((queue) => queue.length > 0)!.shift()!;
    this.#bytes -= packet.bytes;
    return packet;
  }
}

import type { MediaTrack } from "./media_track.ts";
import type { SenderReport } from "./rtp_input.ts";

/**
 * Hands packets on at the pace of their timestamps.
 *
 * ffmpeg doesn't: with `-re` it gives audio in bursts as long as a video frame,
 * and holds back the last frames of a loop until it has read the file to its
 * end. So packets wait for a moment that counts from the capture time which
 * sender reports give, the same for all tracks.
 */
export class RtpPacer {
  readonly #holdMs: number;
  readonly #deliver: (track: MediaTrack, packet: Uint8Array) => void;
  readonly #clocks = new Map<MediaTrack, TrackClock>();
  /** Sorted by when they are due. */
  readonly #waiting: WaitingPacket[] = [];
  /** Milliseconds from capture to when it is due; the first packet sets it. */
  #offsetMs?: number;
  #timer?: ReturnType<typeof setTimeout>;
  #isStopped = false;

  /**
   * @param holdMs how long packets wait for others, at most `MAX_HOLD_MS`.
   * @param deliver called with each packet when it is due.
   */
  constructor(
    tracks: readonly MediaTrack[],
    holdMs: number,
    deliver: (track: MediaTrack, packet: Uint8Array) => void,
  ) {
    this.#holdMs = holdMs;
    this.#deliver = deliver;
    for (const track of tracks) {
      this.#clocks.set(track, { clockRate: track.clockRate, lastDue: 0 });
    }
  }

  /** Takes what a sender report says of a track's clock. */
  synchronize(track: MediaTrack, report: SenderReport): void {
    this.#clocks.get(track)!.report = report;
  }

  /** Takes a packet, to be delivered when it is due. */
  push(track: MediaTrack, packet: Uint8Array): void {
    if (this.#isStopped) return;
    const due = this.#dueTime(this.#clocks.get(track)!, packet);
    const later = this.#waiting.findLastIndex((other) => other.due <= due) + 1;
    this.#waiting.splice(later, 0, { due, track, packet });
    if (later === 0) this.#schedule();
  }

  /** Delivers nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
  }

  #dueTime(clock: TrackClock, packet: Uint8Array): number {
    const now = performance.now();
    let due = now;
    const captured = captureTime(clock, packet);
    if (captured !== undefined) {
      this.#offsetMs ??= now + this.#holdMs - captured;
      const latest = now + MAX_HOLD_MS + MAX_BURST_MS;
      due = Math.min(captured + this.#offsetMs, latest);
    }
    return clock.lastDue = Math.max(due, clock.lastDue);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const wait = this.#waiting[0].due - performance.now();
    this.#timer = setTimeout(() => this.#release(), Math.max(0, wait));
  }

  #release(): void {
    const now = performance.now();
    const count = this.#waiting.findLastIndex((next) => next.due <= now) + 1;
    const due = this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#schedule();
    for (const { track, packet } of due) {
      if (!this.#isStopped) this.#deliver(track, packet);
    }
  }
}

/** A packet, and when it is due by `performance.now()`. */
interface WaitingPacket {
  due: number;
  track: MediaTrack;
  packet: Uint8Array;
}

interface TrackClock {
  clockRate: number;
  report?: SenderReport;
  lastDue: number;
}

/** ffmpeg 6.1 and later begin with a burst of half a second, and no more. */
const MAX_BURST_MS = 500;
/** Longest time that packets are held for others. */
export const MAX_HOLD_MS = 2000;

/** Milliseconds since 1900, by the last report; undefined before the first. */
function captureTime(
  { clockRate, report }: TrackClock,
  packet: Uint8Array,
): number | undefined {
  if (!report) return undefined;
  const timestamp = new DataView(packet.buffer, packet.byteOffset).getUint32(4);
  const ticks = (timestamp - report.rtpTimestamp) | 0;
  return Number(report.ntpTimestamp) / 2 ** 32 * 1000 +
    ticks / clockRate * 1000;
}

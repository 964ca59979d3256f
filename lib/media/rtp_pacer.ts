import type { MediaKind } from "./frame.ts";
import type { MediaTrack } from "./media_track.ts";
import type { SenderReport } from "./rtp_input.ts";

/**
 * Hands packets on at the pace of their timestamps.
 *
 * ffmpeg doesn't: with `-re` it gives audio in bursts as long as a video frame, and holds back the last frames of a loop
 * until it has read the file to its end. So packets wait for a moment which is counted from the capture time that sender
 * reports give, the same for all tracks.
 */
export class RtpPacer {
  readonly #holdMilliseconds: number;
  readonly #deliver: (kind: MediaKind, packet: Uint8Array) => void;
  readonly #clocks = new Map<MediaKind, TrackClock>();
  /** Sorted by when they are due. */
  readonly #waiting: { due: number; kind: MediaKind; packet: Uint8Array }[] =
    [];
  /** From capture time to when it is due, in milliseconds; known with the first packet. */
  #offset?: number;
  #timer?: ReturnType<typeof setTimeout>;
  #isStopped = false;

  constructor(
    tracks: MediaTrack[],
    holdMilliseconds: number,
    deliver: (kind: MediaKind, packet: Uint8Array) => void,
  ) {
    this.#holdMilliseconds = holdMilliseconds;
    this.#deliver = deliver;
    for (const { kind, clockRate } of tracks) {
      this.#clocks.set(kind, { clockRate, lastDue: 0 });
    }
  }

  synchronize(kind: MediaKind, report: SenderReport): void {
    this.#clocks.get(kind)!.report = report;
  }

  push(kind: MediaKind, packet: Uint8Array): void {
    if (this.#isStopped) return;
    const due = this.#dueTime(this.#clocks.get(kind)!, packet);
    const later = this.#waiting.findLastIndex((other) => other.due <= due) + 1;
    this.#waiting.splice(later, 0, { due, kind, packet });
    if (later === 0) this.#schedule();
  }

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
      this.#offset ??= now + this.#holdMilliseconds - captured;
      due = Math.min(captured + this.#offset, now + MAX_HOLD_MS + MAX_BURST_MS);
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
    for (const { kind, packet } of due) {
      if (!this.#isStopped) this.#deliver(kind, packet);
    }
  }
}

interface TrackClock {
  clockRate: number;
  report?: SenderReport;
  lastDue: number;
}

/** ffmpeg 6.1 and later begin with a burst of half a second; nothing is early by more than that. */
const MAX_BURST_MS = 500;
/** Longest time that packets are held for others, milliseconds. */
export const MAX_HOLD_MS = 2000;

/** Milliseconds since 1900, by the last sender report; undefined before the first. */
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

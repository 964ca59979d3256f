import type { Logger } from "../log.ts";
import type { SessionSnapshot } from "./snapshot.ts";

const INTERVAL_MS = 1000;

/** Logs once a second what a session received since the second before. */
export class SummaryLog implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(snapshot: () => SessionSnapshot, log: Logger) {
    let before = snapshot();
    this.#timer = setInterval(() => {
      const now = snapshot();
      const fields = difference(before, now);
      before = now;
      if (Object.values(fields).some((count) => count > 0)) {
        log.info("receiving", { ...fields, lastFrame: now.points.lastFrame });
      }
    }, INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** What came between two snapshots. */
function difference(before: SessionSnapshot, now: SessionSnapshot) {
  return {
    pointsFrames: now.points.frames - before.points.frames,
    points: now.points.points - before.points.points,
    pointsBytes: now.points.bytes - before.points.bytes,
    invalid: now.points.invalid - before.points.invalid,
    videoFrames: now.video.frames - before.video.frames,
    audioFrames: now.audio.frames - before.audio.frames,
    mediaBytes: now.video.bytes + now.audio.bytes -
      before.video.bytes - before.audio.bytes,
    packetsLost: now.video.packetsLost + now.audio.packetsLost -
      before.video.packetsLost - before.audio.packetsLost,
  };
}

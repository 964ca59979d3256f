import { joinBytes } from "../points/join_bytes.ts";
import type { MediaTrack } from "./media_track.ts";
import type { SenderReport } from "./rtp_clock.ts";
import { RtpWriter } from "./rtp_writer.ts";
import type { TimedFrame } from "./video_encoder.ts";

/** What a pipeline gives; tracks by their index. */
export interface PipelineEvents {
  /** Called with the packets of each frame. */
  onPackets(track: number, packets: Uint8Array<ArrayBuffer>[]): void;
  /** Called before the first packets of a track, and now and then. */
  onReport(track: number, report: SenderReport): void;
  /** Called once, where it ends by itself. */
  onFailed(error: unknown): void;
}

/** Time between two reports of a track, seconds. */
const REPORT_INTERVAL_S = 1;
/** A clock that jumps by more is told at once, milliseconds. */
const MAX_JUMP_MS = 20;

/** Makes the packets of all tracks of a pipeline, and reports of a clock. */
export class RtpOutputs {
  readonly #outputs: RtpOutput[];
  readonly #tracks: readonly MediaTrack[];
  readonly #events: PipelineEvents;
  /** When what is of a time was captured, milliseconds since 1970. */
  readonly #captured: (seconds: number) => number;

  constructor(
    tracks: readonly MediaTrack[],
    events: PipelineEvents,
    captured: (seconds: number) => number,
  ) {
    this.#tracks = tracks;
    this.#outputs = tracks.map((track) => new RtpOutput(track));
    this.#events = events;
    this.#captured = captured;
  }

  /** Gives the next frame of the track of a kind. */
  give(kind: MediaTrack["kind"], { parts, seconds }: TimedFrame): void {
    const index = this.#tracks.findIndex((track) => track.kind === kind);
    const output = this.#outputs[index];
    if (output === undefined) return;
    const captured = this.#captured(seconds);
    if (output.isReportDue(seconds, captured)) {
      this.#events.onReport(index, output.report(seconds, captured));
    }
    const frame = joined(parts);
    this.#events.onPackets(index, output.writer.write(frame, seconds));
  }
}

/** A track's packets, and when its clock was told last. */
class RtpOutput {
  readonly writer: RtpWriter;
  #reportedAt = -Infinity;
  /** When a time of 0 was captured, as the last report has it. */
  #zeroMs = 0;

  constructor(track: MediaTrack) {
    this.writer = new RtpWriter(track);
  }

  isReportDue(seconds: number, unixMs: number): boolean {
    const jump = Math.abs(unixMs - 1000 * seconds - this.#zeroMs);
    return jump > MAX_JUMP_MS ||
      seconds >= this.#reportedAt + REPORT_INTERVAL_S;
  }

  report(seconds: number, unixMs: number): SenderReport {
    this.#reportedAt = seconds;
    this.#zeroMs = unixMs - 1000 * seconds;
    return this.writer.report(seconds, unixMs);
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  return joinBytes(parts);
}

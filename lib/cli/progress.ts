import type { PublishProgress, PublishReport } from "../publishing/publish.ts";
import { totalOutage } from "../publishing/report.ts";
import type { AdaptationSummary } from "../publishing/adaptation/adaptation.ts";
import {
  type AdaptationLevel,
  isWhole,
} from "../publishing/adaptation/levels.ts";

/** Shows how publishing goes, and what came of it. */
export interface ProgressView {
  update(progress: PublishProgress): void;
  /** Ends the live line, so that what follows starts on a line of its own. */
  end(): void;
}

/** Where lines go; a live line needs a terminal. */
export interface ProgressOutput {
  isTerminal: boolean;
  write(text: string): void;
}

const encoder = new TextEncoder();

/** Standard error: standard output is for the report. */
export const STDERR: ProgressOutput = {
  isTerminal: Deno.stderr.isTerminal(),
  write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
};

/** One live line on a terminal; elsewhere a line a second. */
export function createProgressView(
  output: ProgressOutput = STDERR,
): ProgressView {
  let previous: PublishProgress | undefined;
  let shown = -Infinity;
  let live = false;
  return {
    update(progress) {
      const interval = output.isTerminal ? 0.25 : 0.99;
      if (progress.seconds - shown < interval) return;
      shown = progress.seconds;
      const line = formatProgress(progress, previous);
      previous = progress;
      live = output.isTerminal;
      output.write(live ? `\r\x1b[K${line}` : `${line}\n`);
    },
    end() {
      if (live) output.write("\n");
      live = false;
    },
  };
}

/** Writes one status line; rates are since `previous`. */
export function formatProgress(
  now: PublishProgress,
  previous?: PublishProgress,
): string {
  const seconds = now.seconds - (previous?.seconds ?? 0);
  const rate = (name: "pointsSent" | "bytesSent") =>
    seconds > 0
      ? ((now[name] - (previous?.[name] ?? 0)) / seconds / 1e6).toFixed(2)
      : "0.00";
  const rtt = now.roundTripMs === undefined
    ? "-"
    : `${now.roundTripMs.toFixed(1)} ms`;
  const sending = now.level === undefined || isWhole(now.level)
    ? ""
    : `  sending ${formatLevel(now.level)}`;
  const outage = now.outage === undefined
    ? ""
    : `  no connection for ${now.outage.seconds.toFixed(1)} s`;
  return `frame ${now.framesSent}  ${rate("pointsSent")} Mpts/s  ` +
    `${rate("bytesSent")} MB/s  queued ${formatBytes(now.queuedBytes)}  ` +
    `dropped ${now.framesDropped}  RTT ${rtt}${sending}${outage}`;
}

/** Writes the report that is shown at the end. */
export function formatReport(report: PublishReport): string {
  const { latencyMs: { p50, p95 }, verified } = report;
  const lines = [
    `frames    ${report.framesSent} sent, ${report.framesAcked} ` +
    `acknowledged, ${report.framesDropped} dropped, ` +
    `${report.pointsPerFrame} points each`,
    `data      ${formatBytes(report.bytesSent)} in ` +
    `${report.seconds.toFixed(1)} s`,
    p50 === null
      ? "latency   not measured"
      : `latency   ${p50} ms median, ${p95} ms at the 95th percentile`,
    `media     ${report.video.packets} video packets, ` +
    `${report.audio.packets} audio packets`,
  ];
  if (report.adaptation) lines.push(formatAdaptation(report.adaptation));
  const { length } = report.outages;
  if (length > 0) {
    const total = totalOutage(report);
    lines.push(
      `outages   ${length}, ${total.seconds.toFixed(1)} s without a ` +
        `connection, ${total.framesDropped} frames dropped and ` +
        `${total.framesUnacknowledged} cut off in them`,
    );
  }
  if (verified) {
    lines.push(
      `verified  ${verified.matched} frames arrived bit for bit, ` +
        `${verified.mismatched} did not`,
    );
  }
  return lines.join("\n");
}

function formatAdaptation(
  { changes, lowest, levels }: AdaptationSummary,
): string {
  if (isWhole(lowest)) return "adapted   never: all was sent";
  const total = levels.reduce((sum, { seconds }) => sum + seconds, 0);
  const whole = levels.find(isWhole)?.seconds ?? 0;
  return `adapted   ${changes} times: all was sent for ${
    whole.toFixed(1)
  } of ` +
    `${total.toFixed(1)} s, at least ${formatLevel(lowest)}`;
}

/** Writes a level whose units are metres. */
function formatLevel(
  { resolution, resolutionFactor, pointShare }: AdaptationLevel,
): string {
  const parts = [];
  if (resolution !== undefined) {
    parts.push(`${Number((resolution * 1000).toPrecision(3))} mm`);
  } else if (resolutionFactor > 1) {
    parts.push(`${resolutionFactor} times the step`);
  }
  const percent = Number((pointShare * 100).toPrecision(2));
  if (pointShare < 1) parts.push(`${percent} % of points`);
  return parts.join(", ");
}

function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(0)} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

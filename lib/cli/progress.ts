import type {
  PublishProgress,
  PublishReport,
  StreamReport,
} from "../publishing/publish.ts";
import { LiveLine, type ProgressOutput, STDERR } from "./live_line.ts";
import { totalOutage } from "../publishing/report.ts";
import type { Verification } from "../publishing/verification.ts";
import type { AdaptationSummary } from "../publishing/adaptation/adaptation.ts";
import {
  type AdaptationLevel,
  isWhole,
} from "../publishing/adaptation/levels.ts";

/** Shows how publishing goes. */
export interface ProgressView {
  update(progress: PublishProgress): void;
  /** Writes a line of the log, which the live line stays below. */
  log(line: string): void;
  /** Ends the live line, so that what follows starts on a line of its own. */
  end(): void;
}

/** Time between two lines, seconds: on a terminal, and elsewhere. */
const LIVE_INTERVAL_S = 0.25;
const LINES_INTERVAL_S = 0.99;

/**
 * Makes a view: one live line on a terminal, elsewhere a line a second.
 *
 * @param playing says where a recording is, which the lines begin with.
 */
export function createProgressView(
  output: ProgressOutput = STDERR,
  playing: () => string | undefined = () => undefined,
): ProgressView {
  const live = new LiveLine(output);
  let previous: PublishProgress | undefined;
  let shown = -Infinity;
  return {
    update(progress) {
      const interval = output.isTerminal ? LIVE_INTERVAL_S : LINES_INTERVAL_S;
      // It begins anew with the first frame.
      if (progress.seconds < shown) [shown, previous] = [-Infinity, undefined];
      if (progress.seconds - shown < interval) return;
      shown = progress.seconds;
      const line = formatProgress(progress, {
        ...{ previous, playing: playing() },
        // Some terminals wrap as soon as the last column is written.
        width: output.columns() - 1,
      });
      previous = progress;
      if (output.isTerminal) live.show(line);
      else live.above(line);
    },
    log: (line) => live.above(line),
    end: () => live.end(),
  };
}

/** A part of the status line; the lower its rank, the longer it stays. */
interface Part {
  text: string;
  rank: number;
}

/** How a status line is written. */
export interface ProgressLine {
  /** What rates are since. @default {the start} */
  previous?: PublishProgress;
  /** Characters that fit; what matters least is left out. */
  width?: number;
  /** Where a recording is, which it begins with. */
  playing?: string;
}

/** Writes one status line. */
export function formatProgress(
  now: PublishProgress,
  { previous, width = Infinity, playing }: ProgressLine = {},
): string {
  const seconds = now.seconds - (previous?.seconds ?? 0);
  const rate = (name: "pointsSent" | "bytesSent") =>
    seconds > 0
      ? ((now[name] - (previous?.[name] ?? 0)) / seconds / 1e6).toFixed(2)
      : "0.00";
  const rtt = now.roundTripMs === undefined
    ? "-"
    : `${now.roundTripMs.toFixed(1)} ms`;
  const parts: Part[] = [
    ...playing === undefined ? [] : [{ rank: 0, text: playing }],
    { rank: 0, text: `frame ${now.framesSent}` },
    { rank: 6, text: `${rate("pointsSent")} Mpts/s` },
    { rank: 2, text: `${rate("bytesSent")} MB/s` },
    { rank: 7, text: `queued ${formatBytes(now.queuedBytes)}` },
    { rank: 3, text: `dropped ${now.framesDropped}` },
    { rank: 4, text: `RTT ${rtt}` },
  ];
  if (now.level !== undefined && !isWhole(now.level)) {
    parts.push({ rank: 5, text: `sending ${formatLevel(now.level)}` });
  }
  const { videoBitrate } = now;
  if (videoBitrate !== undefined && videoBitrate.now < videoBitrate.most) {
    parts.push({ rank: 8, text: `video ${formatBitrate(videoBitrate.now)}` });
  }
  if (now.outage !== undefined) {
    const lasted = now.outage.seconds.toFixed(1);
    parts.push({ rank: 1, text: `no connection for ${lasted} s` });
  }
  return joinToFit(parts, width);
}

/** Joins the parts that fit, in their order; the first rank is cut at worst. */
function joinToFit(parts: Part[], width: number): string {
  const join = () => parts.map(({ text }) => text).join("  ");
  while (parts.length > 1 && join().length > width) {
    const last = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== last);
  }
  return join().slice(0, Math.max(0, width));
}

/** Writes the report of the end, several lines. */
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
    `media     ${report.video.packets} video packets${videoOf(report)}, ` +
    `${report.audio.packets} audio packets`,
  ];
  lines.push(...formatStreams(report.streams));
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
    lines.push(...formatVerification(verified));
  }
  return lines.join("\n");
}

/** One stream's adaptation, or a line or two of each of several. */
function formatStreams(streams: readonly StreamReport[]): string[] {
  if (streams.length === 1) {
    const [{ adaptation }] = streams;
    return adaptation ? [formatAdaptation(adaptation)] : [];
  }
  return streams.flatMap(({ name, adaptation, ...stream }) => {
    const { framesSent, framesAcked, framesDropped, pointsPerFrame } = stream;
    const { p50, p95 } = stream.latencyMs;
    const late = p50 === null ? "" : `, latency ${p50} and ${p95} ms`;
    return [
      `${name.padEnd(9)} ${framesSent} sent, ${framesAcked} acknowledged, ` +
      `${framesDropped} dropped, ${pointsPerFrame} points each${late}`,
      ...adaptation ? [formatAdaptation(adaptation)] : [],
    ];
  });
}

/** At which rates the picture was sent, where the network took less. */
function videoOf({ video: { bitrate } }: PublishReport): string {
  if (bitrate === undefined || bitrate.least === bitrate.most) return "";
  const { least, most } = bitrate;
  return ` at ${formatBitrate(least)} to ${formatBitrate(most)}`;
}

function formatBitrate(bitsPerSecond: number): string {
  return `${Number((bitsPerSecond / 1e6).toPrecision(2))} Mbit/s`;
}

function formatVerification(
  { frames, mismatched, positions, rounded, exactFields, differing }:
    Verification,
): string[] {
  const error = (name: string, maxError: number) =>
    `${name} within ${formatNumber(maxError)}`;
  const parts = [
    ...(positions.maxError > 0
      ? [`${error("positions", positions.maxError * 1000)} mm`]
      : []),
    ...Object.entries(rounded).map(([name, { maxError }]) =>
      error(name, maxError)
    ),
    ...(exactFields.length > 0 ? [`${exactFields.join(" ")} exact`] : []),
    ...(differing.length > 0 ? [`${differing.join(" ")} DIFFER`] : []),
  ];
  return [
    `verified  ${frames} frames arrived as they were sent, ` +
    `${mismatched} did not`,
    ...(parts.length > 0
      ? [`          of the source: ${parts.join(", ")}`]
      : []),
  ];
}

function formatNumber(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

function formatAdaptation(
  { changes, lowest, levels }: AdaptationSummary,
): string {
  if (isWhole(lowest)) return "adapted   never: all was sent";
  const total = levels.reduce((sum, { seconds }) => sum + seconds, 0);
  const whole = levels.find(isWhole)?.seconds ?? 0;
  return `adapted   ${changes} times: ` +
    `all was sent for ${whole.toFixed(1)} of ${total.toFixed(1)} s, ` +
    `at least ${formatLevel(lowest)}`;
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

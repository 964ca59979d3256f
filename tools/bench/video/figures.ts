/** The figures of one run, whoever it was between. */
import type { RtpCounts } from "../../impair/rtp_tally.ts";
import type { PublishReport } from "../../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../../lib/session/snapshot.ts";
import { median } from "../transport/statistics.ts";
import type { WatcherReading } from "./reading.ts";
import {
  countPerSecond,
  findFreezes,
  findRecovery,
  meanOf,
  percentile,
} from "./freezes.ts";

/** What is undefined was not measured there. */
export interface Figures {
  /** Frames a second that were shown; where nobody watched, came whole. */
  fps?: number;
  /** Milliseconds, of the measured seconds. */
  frozenMs?: number;
  freezes?: number;
  longestFreezeMs?: number;
  /** The watcher's own totalFreezesDuration. */
  statsFrozenMs?: number;
  measuredMs?: number;
  framesDecoded?: number;
  framesDropped?: number;
  keyframes?: number;
  /** RTP packets of the picture that the watcher missed. */
  watcherVideoLost?: number;
  watcherAudioLost?: number;
  /** Percent of the sound's samples that were made up. */
  concealed?: number;
  nacks?: number;
  plis?: number;
  /** From the offer's answer being asked for to the first picture. */
  firstPictureMs?: number;
  /** Percent of what is repair beside the RTP sent for the first time. */
  extra?: number;
  /** RTP packets that never came to the server. */
  serverVideoLost?: number;
  serverAudioLost?: number;
  serverFrames?: number;
  serverKeyframes?: number;
  pointsHz?: number;
  /** Percent of the points that were left out. */
  thinned?: number;
  pointsP50?: number;
  pointsP95?: number;
  /** Seconds until the rate was back, of a way that became free again. */
  recovery?: number;
  /** Percent of the machine's processor time that was taken, by anybody. */
  processorBusy?: number;
  /** The same by this bench, and all that it started. */
  processorOwn?: number;
}

/** The picture of a time without one. */
function frozenAllTheTime(measuredMs: number): Figures {
  return {
    fps: 0,
    frozenMs: measuredMs,
    freezes: 1,
    longestFreezeMs: measuredMs,
    measuredMs,
  };
}

/** The figures of a picture whose frames came at these times. */
export function pictureFigures(
  times: readonly number[],
  until: number,
): Figures {
  if (times.length === 0) return {};
  const measuredMs = until - times[0];
  const { count, totalMs, longestMs } = findFreezes(times, until);
  return {
    fps: times.length / measuredMs * 1000,
    frozenMs: totalMs,
    freezes: count,
    longestFreezeMs: longestMs,
    measuredMs,
  };
}

/** What a watcher's page measured. */
export function watcherFigures(reading: WatcherReading): Figures {
  const { now, describedAt, frameTimes, video, audio } = reading;
  const picture = frameTimes.length === 0
    ? frozenAllTheTime(now - describedAt)
    : {
      ...pictureFigures(frameTimes, now),
      fps: 1000 * reading.framesPresented / (now - frameTimes[0]),
    };
  const { totalSamplesReceived: samples = 0, concealedSamples = 0 } = audio;
  const { silentConcealedSamples = 0 } = audio;
  const made = concealedSamples - silentConcealedSamples;
  return {
    ...picture,
    statsFrozenMs: video.totalFreezesDuration === undefined
      ? undefined
      : video.totalFreezesDuration * 1000,
    framesDecoded: video.framesDecoded,
    framesDropped: video.framesDropped,
    keyframes: video.keyFramesDecoded,
    watcherVideoLost: video.packetsLost,
    watcherAudioLost: audio.packetsLost,
    concealed: samples === 0 ? undefined : 100 * made / samples,
    nacks: video.nackCount,
    plis: video.pliCount,
    firstPictureMs: frameTimes.length === 0
      ? undefined
      : frameTimes[0] - describedAt,
  };
}

/** Points as a watcher's page got them. */
export function watchedPoints(
  { points, now }: WatcherReading,
  asked: number,
): Figures {
  if (points.length === 0) return { pointsHz: 0 };
  const latencies = points.map(({ latencyMs }) => latencyMs);
  const mean = meanOf(points.map(({ points }) => points));
  return {
    pointsHz: 1000 * points.length / (now - points[0].at),
    thinned: 100 * (1 - mean / asked),
    pointsP50: percentile(latencies, 0.5),
    pointsP95: percentile(latencies, 0.95),
  };
}

/**
 * Points as they came to the server between two looks, and as late as the
 * client says, if it does.
 */
export function pointsFigures(
  report: PublishReport | undefined,
  [before, after]: [SessionSnapshot, SessionSnapshot],
  { points: asked, seconds }: { points: number; seconds: number },
): Figures {
  const frames = after.points.frames - before.points.frames;
  const points = after.points.points - before.points.points;
  return {
    pointsHz: frames / seconds,
    thinned: frames === 0 ? undefined : 100 * (1 - points / frames / asked),
    pointsP50: report?.latencyMs.p50 ?? undefined,
    pointsP95: report?.latencyMs.p95 ?? undefined,
  };
}

/** What the server counted of a session. */
export function serverFigures({ video, audio }: SessionSnapshot): Figures {
  return {
    serverVideoLost: video.packetsLost,
    serverAudioLost: audio.packetsLost,
    serverFrames: video.frames,
    serverKeyframes: video.keyframes,
  };
}

/** What of the RTP of one leg was repair. */
export function legFigures({ video, audio, repair }: RtpCounts): Figures {
  const first = video.bytes + audio.bytes;
  return { extra: first === 0 ? undefined : 100 * repair.bytes / first };
}

/** Shares of the camera's frames, and of the bytes before, that are enough. */
const RECOVERED = { frames: 0.9, bytes: 0.8 };
/** Seconds after the start in which a rate still grows. */
const SETTLING_SECONDS = 5;

/**
 * Finds the seconds until the picture's frames were the camera's again, and its
 * bytes as before.
 *
 * @param rate frames a second of the camera.
 * @param narrowed the second at which the way became narrow.
 * @param freed the one at which it was free again.
 */
export function recoveryFigures(
  { frameTimes, seconds, now }: WatcherReading,
  { rate, narrowed, freed }: { rate: number; narrowed: number; freed: number },
): Figures {
  if (frameTimes.length === 0) return {};
  const frames = countPerSecond(frameTimes, frameTimes[0], now);
  const later = seconds.filter(({ at }) => at > frameTimes[0]);
  const bytes = later.slice(1).map(({ bytesReceived }, i) =>
    bytesReceived - later[i].bytesReceived
  );
  const before = meanOf(bytes.slice(SETTLING_SECONDS, narrowed));
  const both = [
    findRecovery(frames, freed, RECOVERED.frames * rate),
    findRecovery(bytes, freed, RECOVERED.bytes * before),
  ];
  return {
    recovery: both.some((each) => each === undefined)
      ? Infinity
      : Math.max(...both.map(Number)),
  };
}

/** The median of each figure, of the runs that have it. */
export function medianFigures(runs: Figures[]): Figures {
  const names = new Set(runs.flatMap((run) => Object.keys(run)));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const values = runs.map((run) => run[name as keyof Figures])
        .filter((value) => value !== undefined);
      return values.length === 0 ? [] : [[name, median(values)]];
    }),
  );
}

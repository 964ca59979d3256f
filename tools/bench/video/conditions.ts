/** The conditions of the video bench, and the goals to reach. */
import type { CameraName } from "../../camera_clip.ts";
import type { Figures } from "./figures.ts";

export type Codec = "vp8" | "h264";
/** The way that is impaired: from the publisher, or to the watcher. */
export type Leg = "publisher" | "watcher";

export interface VideoCondition {
  id: string;
  title: string;
  camera: CameraName;
  codecs: Codec[];
  /** The legs that it is measured on; none where nothing is impaired. */
  legs: Leg[];
  /** Options of the relay on that leg; straight without. */
  relay?: string[];
  /** The cloud beside the picture. */
  cloud?: { points: number; rate: number };
  /** Changes of the relay's rate, seconds after the first picture. */
  changes?: { at: number; rate: number }[];
  /** Seconds that are measured where they aren't the common ones. */
  seconds?: number;
  /**
   * Who watches: a browser; nobody, where there is no processor for it beside;
   * a second browser, which joins the stream of a first one; or one on the
   * impaired leg beside one that isn't.
   */
  watchers: "one" | "none" | "joining" | "slow beside fast";
  /** Whether two browsers do the same for comparison, without points. */
  isCompared: boolean;
  targets: Target[];
}

/** What targets are judged by. */
export interface Measured {
  ours: Figures;
  /** Two browsers, on the same network. */
  browsers?: Figures;
  /** The other watcher, on a way of its own. */
  other?: Figures;
}

export interface Verdict {
  figure: string;
  reached: boolean;
}

export interface Target {
  text: string;
  /** Returns nothing where it was not measured. */
  judge(measured: Measured): Verdict | undefined;
}

/** A target of one or several figures, all of which have to be there. */
function target<K extends keyof Figures>(
  text: string,
  names: K[],
  show: (figures: Record<K, number>) => string,
  reached: (figures: Record<K, number>) => boolean,
  whose: (measured: Measured) => Figures | undefined = ({ ours }) => ours,
): Target {
  return {
    text,
    judge(measured) {
      const figures = whose(measured);
      if (names.some((name) => figures?.[name] === undefined)) return;
      const all = figures as Record<K, number>;
      return { figure: show(all), reached: reached(all) };
    },
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** Frames of a camera that came, of those that it has. */
const WHOLE_SHARE = 0.98;

function wholeAt(rate: number): Target {
  return target(
    "0 video packets lost, every frame whole",
    ["serverVideoLost", "fps"],
    ({ serverVideoLost, fps }) =>
      `${serverVideoLost} lost, ${fps.toFixed(1)} of ${rate} fps`,
    ({ serverVideoLost, fps }) =>
      serverVideoLost === 0 && fps >= WHOLE_SHARE * rate,
  );
}

/** Milliseconds more than browsers, in so many milliseconds. */
const MORE_THAN_BROWSERS_MS = 200 / 30_000;

const asBrowsers: Target = {
  text: "frozen no longer than browser to browser + 0.2 s in 30 s",
  judge({ ours, browsers }) {
    const [mine, theirs] = [ours.frozenMs, browsers?.frozenMs];
    if (mine === undefined || theirs === undefined) return;
    const more = MORE_THAN_BROWSERS_MS * (ours.measuredMs ?? 0);
    return {
      figure: `${seconds(mine)}, browsers ${seconds(theirs)}`,
      reached: mine <= theirs + more,
    };
  },
};

const littleExtra = target(
  "extra traffic under 10 %",
  ["extra"],
  ({ extra }) => `${extra.toFixed(1)} %`,
  ({ extra }) => extra < 10,
);

/**
 * Packets that were lost on the way: a watcher lacks what the server lacks,
 * under the same numbers.
 */
function noneLost(
  text: string,
  pick: (figures: Figures) => [server?: number, watcher?: number],
): Target {
  return {
    text,
    judge({ ours }) {
      const [server, watcher = 0] = pick(ours);
      if (server === undefined) return;
      const lost = Math.max(server, watcher);
      return { figure: `${lost} packets lost`, reached: lost === 0 };
    },
  };
}

const noFrameLost = noneLost(
  "no video frame lost",
  ({ serverVideoLost, watcherVideoLost }) => [
    serverVideoLost,
    watcherVideoLost,
  ],
);

const audioWhole = noneLost(
  "audio whole",
  ({ serverAudioLost, watcherAudioLost }) => [
    serverAudioLost,
    watcherAudioLost,
  ],
);

const fps = (least: number) =>
  target(
    `video ${least} fps and more`,
    ["fps"],
    ({ fps }) => `${fps.toFixed(1)} fps`,
    ({ fps }) => fps >= least,
  );

const frozenUnder = (percent: number) =>
  target(
    `frozen under ${percent} %`,
    ["frozenMs", "measuredMs"],
    (all) => `${frozenShare(all).toFixed(1)} %`,
    (all) => frozenShare(all) < percent,
  );

function frozenShare(
  { frozenMs, measuredMs }: { frozenMs: number; measuredMs: number },
): number {
  return 100 * frozenMs / measuredMs;
}

/** A rate of frames isn't counted sharper than this share of it. */
const RATE_SHARE = 0.97;

const pointsAt = (hz: number) =>
  target(
    `points at ${hz} Hz and more`,
    ["pointsHz"],
    ({ pointsHz }) => `${pointsHz.toFixed(2)} Hz`,
    ({ pointsHz }) => pointsHz >= RATE_SHARE * hz,
  );

const pointsWithin = (ms: number) =>
  target(
    `points' p95 under ${ms} ms`,
    ["pointsP95"],
    ({ pointsP95 }) => `${pointsP95.toFixed(0)} ms`,
    ({ pointsP95 }) => pointsP95 < ms,
  );

const noneThinned = target(
  "no points left out",
  ["thinned"],
  ({ thinned }) => `${thinned.toFixed(1)} %`,
  ({ thinned }) => thinned < 0.1,
);

const ON_2_MBIT: Target[] = [
  audioWhole,
  fps(10),
  frozenUnder(5),
  pointsAt(4),
  pointsWithin(700),
];

const NETWORK = ["--delay", "20", "--queue", "100"];
const BOTH: Leg[] = ["publisher", "watcher"];
const CLOUD = { points: 100_000, rate: 4 };

function free(camera: "720p30" | "1080p30"): VideoCondition {
  return {
    id: `free-${camera}`,
    title: `${camera}, 300,000 x 10 Hz, nothing impaired`,
    camera,
    codecs: ["vp8", "h264"],
    legs: [],
    cloud: { points: 300_000, rate: 10 },
    watchers: "none",
    isCompared: false,
    targets: [wholeAt(30)],
  };
}

function lossy(rtt: number, loss: number): VideoCondition {
  return {
    id: `rtt${rtt}-loss${loss}`,
    title: `480p20, RTT ${rtt} ms, ${loss} % loss`,
    camera: "480p20",
    codecs: ["vp8"],
    legs: BOTH,
    relay: ["--delay", `${rtt / 2}`, "--loss", `${loss}`],
    watchers: "one",
    isCompared: true,
    targets: loss === 5 ? [asBrowsers, littleExtra] : [asBrowsers],
  };
}

function narrow(rate: number, targets: Target[]): VideoCondition {
  return {
    id: `rate${rate}`,
    title: `720p30, 100,000 x 4 Hz, ${rate} Mbit/s`,
    camera: "720p30",
    codecs: ["vp8"],
    legs: ["publisher"],
    relay: ["--rate", `${rate}`, ...NETWORK],
    cloud: CLOUD,
    watchers: "one",
    isCompared: true,
    targets,
  };
}

/** When the way becomes narrow, and when it is free again, seconds. */
export const STEPS = { narrowed: 20, freed: 40 };

export const CONDITIONS: VideoCondition[] = [
  free("720p30"),
  free("1080p30"),
  lossy(50, 1),
  lossy(50, 3),
  lossy(50, 5),
  lossy(150, 3),
  {
    id: "join10",
    title: "720p30, a watcher joins on 10 Mbit/s",
    camera: "720p30",
    codecs: ["vp8"],
    legs: ["watcher"],
    relay: ["--rate", "10", ...NETWORK],
    watchers: "joining",
    isCompared: false,
    targets: [
      target(
        "picture within 1 s",
        ["firstPictureMs"],
        ({ firstPictureMs }) => seconds(firstPictureMs),
        ({ firstPictureMs }) => firstPictureMs <= 1000,
      ),
      target(
        "no freeze over 0.3 s",
        ["longestFreezeMs"],
        ({ longestFreezeMs }) => seconds(longestFreezeMs),
        ({ longestFreezeMs }) => longestFreezeMs <= 300,
      ),
    ],
  },
  narrow(20, [noFrameLost, pointsWithin(300), noneThinned]),
  narrow(4, [
    audioWhole,
    fps(15),
    frozenUnder(2),
    pointsAt(4),
    pointsWithin(500),
  ]),
  narrow(2, ON_2_MBIT),
  narrow(1, [
    audioWhole,
    target(
      "a picture that moves",
      ["fps"],
      ({ fps }) => `${fps.toFixed(1)} fps`,
      ({ fps }) => fps >= 1,
    ),
    pointsAt(2),
  ]),
  {
    id: "rate20-2-20",
    title: "720p30, 100,000 x 4 Hz, 20 to 2 to 20 Mbit/s",
    camera: "720p30",
    codecs: ["vp8"],
    legs: ["publisher"],
    relay: ["--rate", "20", ...NETWORK],
    cloud: CLOUD,
    changes: [
      { at: STEPS.narrowed, rate: 2 },
      { at: STEPS.freed, rate: 20 },
    ],
    seconds: 60,
    watchers: "one",
    isCompared: true,
    targets: [
      target(
        "freezes under 1 s in all",
        ["frozenMs"],
        ({ frozenMs }) => seconds(frozenMs),
        ({ frozenMs }) => frozenMs < 1000,
      ),
      target(
        "back at full rate within 10 s",
        ["recovery"],
        ({ recovery }) => Number.isFinite(recovery) ? `${recovery} s` : "never",
        ({ recovery }) => recovery <= 10,
      ),
    ],
  },
  {
    id: "watcher2",
    title: "720p30, 100,000 x 4 Hz, a watcher on 2, another on 100 Mbit/s",
    camera: "720p30",
    codecs: ["vp8"],
    legs: ["watcher"],
    relay: ["--rate", "2", ...NETWORK],
    cloud: CLOUD,
    watchers: "slow beside fast",
    isCompared: false,
    targets: [
      ...ON_2_MBIT,
      target(
        "the other one notices nothing",
        ["frozenMs", "watcherVideoLost"],
        ({ frozenMs, watcherVideoLost }) =>
          `${seconds(frozenMs)} frozen, ${watcherVideoLost} packets lost`,
        ({ frozenMs, watcherVideoLost }) =>
          frozenMs === 0 && watcherVideoLost === 0,
        ({ other }) => other,
      ),
    ],
  },
];

/** The way of the watcher that nothing is to happen to. */
export const FAST_RELAY = ["--rate", "100", ...NETWORK];

/**
 * Finds conditions by their ids.
 *
 * @throws {Error} for an id that none has; it names those that there are.
 */
export function conditionsOf(ids: string[] | undefined): VideoCondition[] {
  if (ids === undefined) return CONDITIONS;
  return ids.map((id) => {
    const found = CONDITIONS.find((each) => each.id === id);
    if (found !== undefined) return found;
    const all = CONDITIONS.map(({ id }) => id).join(", ");
    throw new Error(`There is no condition ${id}; there are ${all}`);
  });
}

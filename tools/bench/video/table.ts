/** What was measured, as tables. */
import { markdownTable } from "../transport/statistics.ts";
import type { Codec, Leg, Measured, VideoCondition } from "./conditions.ts";
import type { Figures } from "./figures.ts";

/** The medians of a condition on one leg. */
export interface Row {
  condition: VideoCondition;
  codec: Codec;
  leg: Leg | undefined;
  isWatched: boolean;
  measured: Measured;
}

const HEAD = [
  ...["condition", "leg", "who", "fps", "frozen", "longest", "by getStats"],
  ...["lost", "at server", "NACK", "PLI", "extra", "first picture"],
  ...["sound lost", "made up", "points", "left out", "p50, p95", "CPU"],
];

/** One row for ours and, where there are, for browsers and another watcher. */
export function formatFigures(rows: Row[]): string {
  const body = rows.flatMap((row) => {
    const { condition, codec, leg, measured } = row;
    const title = `${condition.title}, ${codec}`;
    const where = leg ?? "-";
    const watcher = row.isWatched ? "ours" : "ours, no watcher";
    const { ours, browsers, other } = measured;
    return [
      [title, where, watcher, ...formatOne(ours)],
      ...other ? [["", "", "another watcher", ...formatOne(other)]] : [],
      ...browsers
        ? [["", "", "browser to browser", ...formatOne(browsers)]]
        : [],
    ];
  });
  return markdownTable([HEAD, ...body]);
}

/** Each target, and whether it is reached. */
export function formatTargets(rows: Row[]): string {
  const body = rows.flatMap(({ condition, codec, leg, measured }) =>
    condition.targets.map((target, i) => {
      const verdict = target.judge(measured);
      return [
        i === 0 ? `${condition.title}, ${codec}` : "",
        i === 0 ? leg ?? "-" : "",
        target.text,
        verdict?.figure ?? "not measured",
        verdict === undefined ? "-" : verdict.reached ? "yes" : "no",
      ];
    })
  );
  return markdownTable([
    ["condition", "leg", "to reach", "measured", "reached"],
    ...body,
  ]);
}

function formatOne(figures: Figures): string[] {
  const { frozenMs, freezes, pointsP50, pointsP95 } = figures;
  const frozen = frozenMs === undefined
    ? "-"
    : `${inSeconds(frozenMs)} in ${show(freezes, 0)}`;
  const late = pointsP50 === undefined
    ? "-"
    : `${show(pointsP50, 0)}, ${show(pointsP95, 0, " ms")}`;
  return [
    show(figures.fps, 1),
    frozen,
    inSeconds(figures.longestFreezeMs),
    inSeconds(figures.statsFrozenMs),
    show(figures.watcherVideoLost, 0),
    show(figures.serverVideoLost, 0),
    show(figures.nacks, 0),
    show(figures.plis, 0),
    show(figures.extra, 1, " %"),
    inSeconds(figures.firstPictureMs),
    sound(figures),
    show(figures.concealed, 1, " %"),
    show(figures.pointsHz, 1, " Hz"),
    show(figures.thinned, 0, " %"),
    late,
    processor(figures),
  ];
}

/** What the run took of the machine, and what was taken in all. */
function processor({ processorOwn, processorBusy }: Figures): string {
  return processorBusy === undefined
    ? "-"
    : `${show(processorOwn, 0)} of ${show(processorBusy, 0, " %")}`;
}

/** Packets of sound that the watcher missed, and the server. */
function sound({ watcherAudioLost, serverAudioLost }: Figures): string {
  const both = [watcherAudioLost, serverAudioLost];
  return both.map((each) => show(each, 0)).join(", ");
}

function inSeconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${(ms / 1000).toFixed(2)} s`;
}

function show(value: number | undefined, digits: number, unit = ""): string {
  return value === undefined ? "-" : value.toFixed(digits) + unit;
}

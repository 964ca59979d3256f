/** Attacks as lines of a table. */
import { markdownTable } from "../bench/transport/statistics.ts";
import type { Attack } from "./attack.ts";
import { amplificationOf, type Figures, judge } from "./figures.ts";

const HEAD = [
  ...["attack", "sent", "frames missed", "healthz", "memory", "files"],
  ...["Workers died", "errors", "log", "reflected", "verdict"],
];

/** Goals that a line names of those that were missed. */
const MOST_COMPLAINTS = 6;

/** What one attack came to. */
export interface Row {
  attack: Attack;
  /** Why there are no figures, where there are none. */
  figures: Figures | string;
}

/** One line of the table, its cells in the order of the head. */
function cellsOf({ attack, figures }: Row): string[] {
  if (typeof figures === "string") {
    const empty = HEAD.slice(2).map(() => "-");
    return [attack.name, ...empty, figures];
  }
  const { sent, misses, calm, during, before, most, after } = figures;
  const three = (name: "memory" | "files") =>
    [before, most, after].map((each) => Math.round(each[name])).join(" / ");
  const amplification = amplificationOf(sent);
  const complaints = judge(attack, figures);
  const beyond = Math.max(0, misses.watcher - misses.publisher);
  const unanswered = during.unanswered > 0
    ? `, ${during.unanswered} unanswered`
    : "";
  return [
    attack.name,
    `${(sent.bytes / 1e6).toFixed(1)} MB in ${sent.requests}`,
    `${calm.missed} / ${misses.publisher} + ${beyond} of ${misses.sent}`,
    `${calm.worstMs.toFixed(0)} / ${during.worstMs.toFixed(0)} ms${unanswered}`,
    three("memory"),
    three("files"),
    `${figures.deaths}`,
    `${figures.errors.length}`,
    `${(figures.logBytes / 1024).toFixed(0)} KiB`,
    amplification === undefined ? "-" : `${amplification.toFixed(2)} x`,
    verdictOf(complaints),
  ];
}

function verdictOf(complaints: readonly string[]): string {
  if (complaints.length === 0) return "ok";
  const shown = complaints.slice(0, MOST_COMPLAINTS);
  const more = complaints.length - shown.length;
  return [...shown, ...more > 0 ? [`and ${more} more`] : []].join("; ");
}

/** One attack's line alone, each cell with its name. */
export function formatLine(row: Row): string {
  const [name, ...cells] = cellsOf(row);
  const named = cells.map((cell, i) => `${HEAD[i + 1]} ${cell}`);
  return [name, ...named.filter((cell) => !cell.endsWith(" -"))].join(" | ");
}

/** All of them as Markdown. */
export function formatTable(rows: readonly Row[]): string {
  return markdownTable([HEAD, ...rows.map(cellsOf)]);
}

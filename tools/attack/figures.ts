/** What one attack cost, and whether that is too much. */
import type { ProcessUsage } from "../proc.ts";
import { MEMORY_RISE, MORE_FILES, MORE_THREADS } from "../soak/verdict.ts";
import type { Attack, Sent } from "./attack.ts";
import type { Misses } from "./neighbours.ts";
import type { Answers } from "./probe.ts";

/** What is told of a server's process. */
type Usage = Pick<ProcessUsage, "memory" | "files" | "threads">;

/** What was measured of one attack. */
export interface Figures {
  sent: Sent;
  misses: Misses;
  /** How `/healthz` was answered before, meanwhile and afterwards. */
  calm: Answers & {
    /** Frames that the watcher missed before the attack. */
    missed: number;
  };
  during: Answers;
  afterwards: Answers;
  /** Before the attack, at most, and when all was calm or a minute later. */
  before: Usage;
  most: Usage;
  after: Usage;
  /** Workers that died. */
  deaths: number;
  /** Workers that lived before, less those that live after. */
  workersLost: number;
  /** Lines of the log of level error. */
  errors: string[];
  /** Bytes of the log from the attack's start on. */
  logBytes: number;
}

/** Longest time that an answer of `/healthz` may take, milliseconds. */
const MOST_ANSWER_MS = 200;
/** What a budget may be exceeded by: what isn't counted in it. */
const BUDGET_SLACK = 1.2;
/** What an attack may add to the log, bytes. */
const MOST_LOG_BYTES = 256 * 1024;
/** Most bytes sent to a third party for each that the attacker sent. */
const MOST_AMPLIFICATION = 1.5;

/** How many bytes a third party got for each of the attacker's. */
export function amplificationOf(
  { reflected, bytes }: Sent,
): number | undefined {
  return reflected === undefined ? undefined : reflected / Math.max(1, bytes);
}

/** Names each goal that was missed; nothing where all were reached. */
export function judge(
  { budget, isOutage, isTold }: Pick<Attack, "budget" | "isOutage" | "isTold">,
  figures: Figures,
): string[] {
  const { sent, misses, before, most, after } = figures;
  const complaints = [...sent.breaches ?? []];
  const expect = (what: string, value: number, limit: number, unit = "") => {
    if (value <= limit) return;
    complaints.push(
      `${what}: ${Math.round(value * 10) / 10}${unit} of ${limit}${unit}`,
    );
  };
  if (misses.ended !== undefined) {
    complaints.push(`the publisher ended: ${misses.ended}`);
  }
  // The watcher misses what the publisher drops, too.
  expect("frames missed", misses.watcher, 0);
  if (!isOutage) {
    expect("healthz", figures.during.worstMs, MOST_ANSWER_MS, " ms");
    expect("healthz unanswered", figures.during.unanswered, 0);
  }
  expect(
    "healthz afterwards",
    figures.afterwards.worstMs,
    MOST_ANSWER_MS,
    " ms",
  );
  expect("healthz unanswered afterwards", figures.afterwards.unanswered, 0);
  const held = most.memory - before.memory;
  expect("memory", held, Math.round(BUDGET_SLACK * budget), " MiB");
  expect("memory left", after.memory - before.memory, MEMORY_RISE, " MiB");
  expect("files left", after.files - before.files, MORE_FILES);
  expect("threads left", after.threads - before.threads, MORE_THREADS);
  expect("Workers died", figures.deaths, 0);
  expect("Workers missing", figures.workersLost, 0);
  if (!isTold) expect("errors in the log", figures.errors.length, 0);
  expect("log", figures.logBytes / 1024, MOST_LOG_BYTES / 1024, " KiB");
  const amplification = amplificationOf(sent);
  if (amplification !== undefined) {
    expect("amplification", amplification, MOST_AMPLIFICATION);
  }
  return complaints;
}

import type { ProcessUsage } from "../proc.ts";
import type { Trend } from "./trend.ts";

/** A server with nothing to do. */
export interface IdleServer extends ProcessUsage {
  sessions: number;
  /** Percent of a core. */
  idleCpu: number;
}

export interface SoakFindings {
  /** Over the second half of the time. */
  trends: Record<"memory" | "threads" | "files", Trend>;
  /** After a first session, and after all have gone. */
  before: IdleServer;
  after: IdleServer;
  /** Lines of the server's log at that level. */
  errors: number;
}

/** What memory's peaks may rise by, MiB. */
export const MEMORY_RISE = 64;
/** Sessions come and go: what their number moves these by. */
const COUNT_RISE = 60;
/** Threads of Deno's pool end after some seconds without work. */
export const MORE_THREADS = 16;
/** A connection that asks for the sessions may still be closing. */
export const MORE_FILES = 2;
/** A timer of each session that has gone would show here, percent of a core. */
const MORE_IDLE_CPU = 4;

/** Names what did not stay the same; nothing where all is flat. */
export function judge(
  { trends, before, after, errors }: SoakFindings,
): string[] {
  const complaints: string[] = [];
  const expect = (what: string, value: number, most: number) => {
    if (value <= most) return;
    const shown = Math.round(value * 10) / 10;
    complaints.push(`${what}: ${shown}, and at most ${most} is flat`);
  };
  expect("memory rose by MiB", trends.memory.peakRise, MEMORY_RISE);
  expect("threads rose by", trends.threads.rise, COUNT_RISE);
  expect("open files rose by", trends.files.rise, COUNT_RISE);
  expect("sessions left", after.sessions, 0);
  expect("open files left", after.files - before.files, MORE_FILES);
  expect("threads left", after.threads - before.threads, MORE_THREADS);
  const idle = after.idleCpu - before.idleCpu;
  expect("percent of a core that stay busy", idle, MORE_IDLE_CPU);
  expect("errors in the log", errors, 0);
  return complaints;
}

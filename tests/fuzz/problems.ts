/** What holds of every refusal. */
import { assert, assertEquals } from "@std/assert";
import { HttpProblem } from "../../lib/serving/problem.ts";

/**
 * Runs what may refuse a body, in no other way than by a problem of its
 * sender's. @returns whether it did not.
 */
export function orRefused(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    assertEquals(error.status, 400);
    return false;
  }
}

/** Fails for an answer that tells of the server's insides. */
export function assertNoStack(text: string): void {
  assert(!/\n +at |\.[jt]s:\d+|node_modules|file:\/\//.test(text), text);
}

/** How an error reads that is a mistake of ours, and not of the peer's. */
export const MISTAKE = /Cannot read propert|is not (a function|iterable)/;

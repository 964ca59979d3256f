/** Steps that values are rounded to, as they are written on a command line. */
import { UsageError } from "./options.ts";

/** Steps of positions, and of other fields by name. */
export interface Resolutions {
  /** Units for one step of x, y and z. */
  resolution?: number;
  /** The same of other fields. */
  resolutions: Record<string, number>;
}

const LEAST = 1e-9;
const MOST = 1e9;

/** The option of all programs that round. */
/** What nobody says otherwise: a millimetre. */
export const DEFAULT_STEP = "0.001";

export const RESOLUTION_OPTION = {
  resolution: {
    type: "text",
    help: `Step that cloudini rounds x y z to, metres (${DEFAULT_STEP}); ` +
      "NAME=STEP for others",
  },
} as const;

/**
 * Reads `0.001`, `intensity=0.01,range=0.005` or both: a number alone is for
 * positions. Without a text nothing is said.
 *
 * @throws {UsageError} that says what is wrong, and what is right.
 */
export function readResolutions(text: string | undefined): Resolutions {
  if (text === undefined) return { resolutions: {} };
  let resolution: number | undefined;
  const resolutions = new Map<string, number>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    const [first, second, ...rest] = entry.split("=");
    if (rest.length > 0) throw malformed(text, entry);
    if (second === undefined) {
      if (resolution !== undefined) {
        throw new UsageError(
          `--resolution "${text}" has two steps for positions; another field's is written ` +
            "NAME=STEP",
        );
      }
      resolution = readStep(text, first);
      continue;
    }
    const name = first.trim();
    if (name === "") throw malformed(text, entry);
    if (resolutions.has(name)) {
      throw new UsageError(
        `--resolution "${text}" has two steps for ${name}`,
      );
    }
    resolutions.set(name, readStep(text, second));
  }
  return {
    ...resolution !== undefined && { resolution },
    resolutions: Object.fromEntries(resolutions),
  };
}

function readStep(text: string, word: string): number {
  const step = word.trim() === "" ? NaN : Number(word);
  if (step >= LEAST && step <= MOST) return step;
  if (Number.isNaN(step)) throw malformed(text, word);
  throw new UsageError(
    `--resolution has the step ${word}, not one from ${LEAST} to ${MOST}`,
  );
}

function malformed(text: string, part: string): UsageError {
  return new UsageError(
    `--resolution "${text}": "${part.trim()}" is no step; expected a number ` +
      "for positions, and NAME=NUMBER for other fields, with commas between",
  );
}

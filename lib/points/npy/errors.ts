import { PointsError } from "../errors.ts";

/** Characters of a stranger's text that an error shows at most. */
const MAX_SHOWN_CHARACTERS = 60;

/** Quotes what a stranger wrote, short enough for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS));
}

/** Makes the error of a `descr` that is none. */
export function malformed(): PointsError {
  return new PointsError("header", "Cannot read .npy: descr is no dtype");
}

/** Makes the error of an array that isn't read. */
export function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read .npy: ${what}`);
}

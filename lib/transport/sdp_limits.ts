/** How much of a session description is read on: each line costs something. */
import type { RequestLimit } from "../limits/limit_name.ts";
import {
  MAX_SDP_CANDIDATES,
  MAX_SDP_LINES,
  MAX_SDP_SECTIONS,
} from "../limits/request_limits.ts";
import { isCandidate } from "./ice/candidates.ts";

/** Lines of which a description may have only so many. */
const COUNTED_LINES: {
  what: string;
  isCounted(line: string): boolean;
  most: number;
  limit: RequestLimit;
}[] = [
  {
    what: "lines",
    isCounted: () => true,
    most: MAX_SDP_LINES,
    limit: "sdp-lines",
  },
  {
    what: "lines m=",
    isCounted: (line) => line.startsWith("m="),
    most: MAX_SDP_SECTIONS,
    limit: "sdp-sections",
  },
  {
    what: "lines a=candidate:",
    isCounted: isCandidate,
    most: MAX_SDP_CANDIDATES,
    limit: "sdp-candidates",
  },
];

/** A limit that a session description is beyond. */
export interface BrokenSdpLimit {
  limit: RequestLimit;
  /** The kind of lines that there are too many of. */
  what: string;
  count: number;
  most: number;
}

/** Finds the first limit that a description is beyond, by its lines. */
export function brokenSdpLimit(
  lines: readonly string[],
): BrokenSdpLimit | undefined {
  for (const { isCounted, ...rest } of COUNTED_LINES) {
    const count = lines.filter(isCounted).length;
    if (count > rest.most) return { ...rest, count };
  }
  return undefined;
}

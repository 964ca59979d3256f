import type { Verification } from "../../lib/publishing/verification.ts";

/** Frames that arrived as they were sent, and otherwise; none unverified. */
export function arrived(
  verified: Pick<Verification, "frames" | "mismatched"> | undefined,
): [frames: number, mismatched: number] | undefined {
  return verified && [verified.frames, verified.mismatched];
}

/** What of an offer werift is shown: of all else it makes work, and no use. */
import { MAX_SDP_CANDIDATES } from "../../limits/request_limits.ts";
import { attributeNameOf, ssrcsOf } from "./section.ts";

/**
 * The attributes that are used, and how often one may stand in a section or
 * before the first; lines beyond that are passed over.
 */
const USED = new Map<string, number>([
  ...["group", "ice-lite", "ice-ufrag", "ice-pwd", "ice-options", "setup"],
  ...["mid", "msid", "sendrecv", "sendonly", "recvonly", "inactive"],
  ...["rtcp", "rtcp-mux", "end-of-candidates"],
  ...["sctpmap", "sctp-port", "max-message-size"],
].map((name): [string, number] => [name, 1]));
USED.set("fingerprint", 8);
USED.set("candidate", MAX_SDP_CANDIDATES);
USED.set("extmap", 32);
// Of codecs and retransmissions: others are taken out before.
USED.set("rtpmap", 16);
USED.set("fmtp", 16);
USED.set("rtcp-fb", 64);
USED.set("ssrc-group", 8);

/** The lines of a part of a description that are of use, in their order. */
export function essentialsOf(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  const ssrcs = new Set(ssrcsOf(lines).values());
  const isUsed = (line: string) => {
    if (!line.startsWith("a=")) return isFirst(counts, line.slice(0, 2), 1);
    const name = attributeNameOf(line);
    // What else is said of one is said again and again.
    if (name === "ssrc") return ssrcs.delete(line);
    return isFirst(counts, name, USED.get(name) ?? 0);
  };
  return lines.filter(isUsed);
}

/** Counts a line of a kind, of which the first `most` are used. */
function isFirst(
  counts: Map<string, number>,
  kind: string,
  most: number,
): boolean {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return count <= most;
}

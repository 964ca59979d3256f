import type { RTCPeerConnection } from "werift";

/** What the selected pair of candidates has seen (RFC 8445, W3C webrtc-stats). */
export interface LinkStats {
  /** Packets of any kind that came from the peer, STUN included. */
  packetsReceived: number;
  /** Round-trip time of the last answered connectivity check, milliseconds. */
  roundTripMs?: number;
  /** The peer's address and port, where a pair is selected. */
  remoteAddress?: string;
  /** The selected pair's two addresses are one: the peer is on this machine. */
  sameHost: boolean;
}

interface CandidatePairStats {
  type: string;
  nominated?: boolean;
  localCandidateId?: string;
  remoteCandidateId?: string;
  packetsReceived?: number;
  requestsReceived?: number;
  responsesReceived?: number;
  currentRoundTripTime?: number;
}

interface CandidateStats {
  type: string;
  id: string;
  address?: string;
  port?: number;
}

/** Reads the counters of the selected candidate pair of `peer`. */
export async function readLinkStats(
  peer: RTCPeerConnection,
): Promise<LinkStats> {
  const report = await peer.getStats();
  const stats: LinkStats = { packetsReceived: 0, sameHost: false };
  for (const entry of report.values() as Iterable<CandidatePairStats>) {
    if (entry.type !== "candidate-pair") continue;
    stats.packetsReceived += (entry.packetsReceived ?? 0) +
      (entry.requestsReceived ?? 0) + (entry.responsesReceived ?? 0);
    if (!entry.nominated) continue;
    if (entry.currentRoundTripTime !== undefined) {
      stats.roundTripMs = entry.currentRoundTripTime * 1000;
    }
    const candidate = (id = "") => report.get(id) as CandidateStats | undefined;
    const local = candidate(entry.localCandidateId);
    const remote = candidate(entry.remoteCandidateId);
    if (remote === undefined) continue;
    stats.remoteAddress = `${remote.address}:${remote.port}`;
    stats.sameHost = local?.address === remote.address;
  }
  return stats;
}

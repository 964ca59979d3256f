import type { RTCPeerConnection } from "werift";

/**
 * What the selected pair of candidates has seen (RFC 8445, W3C webrtc-stats).
 */
export interface LinkStats {
  /**
   * Packets that came from the peer on the selected pair, and connectivity
   * checks on any. werift counts no data that comes on another pair.
   */
  packetsReceived: number;
  /** Connectivity checks that were answered on the selected pair. */
  checksAnswered: number;
  /** Round-trip time of the last answered connectivity check, milliseconds. */
  roundTripMs?: number;
  /** The peer's address and port, where a pair is selected. */
  remoteAddress?: string;
  /**
   * The peer's address is one of this machine's own, and none of the selected
   * pair's is a TURN server's: nothing is between.
   */
  sameHost: boolean;
}

interface CandidatePairStats {
  type: "candidate-pair";
  id: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  packetsReceived?: number;
  requestsReceived?: number;
  responsesReceived?: number;
  currentRoundTripTime?: number;
}

interface TransportStats {
  type: "transport";
  /** Of the pairs that both sides nominated, the one that is used. */
  selectedCandidatePairId?: string;
}

interface CandidateStats {
  type: "local-candidate" | "remote-candidate";
  id: string;
  candidateType?: string;
  address?: string;
  port?: number;
}

type Entry = CandidatePairStats | TransportStats | CandidateStats;

/** Reads the counters of the selected candidate pair of `peer`. */
export async function readLinkStats(
  peer: RTCPeerConnection,
): Promise<LinkStats> {
  const report = await peer.getStats();
  const stats: LinkStats = {
    packetsReceived: 0,
    checksAnswered: 0,
    sameHost: false,
  };
  const entries = [...report.values() as Iterable<Entry>];
  const selected = entries.map((entry) =>
    entry.type === "transport" ? entry.selectedCandidatePairId : undefined
  );
  const own = new Set(
    entries.filter(isOwn).map(({ address }) => address),
  );
  for (const entry of entries) {
    if (entry.type !== "candidate-pair") continue;
    stats.packetsReceived += (entry.packetsReceived ?? 0) +
      (entry.requestsReceived ?? 0) + (entry.responsesReceived ?? 0);
    if (!selected.includes(entry.id)) continue;
    stats.checksAnswered += entry.responsesReceived ?? 0;
    if (entry.currentRoundTripTime !== undefined) {
      stats.roundTripMs = entry.currentRoundTripTime * 1000;
    }
    const candidate = (id = "") => report.get(id) as CandidateStats | undefined;
    const local = candidate(entry.localCandidateId);
    const remote = candidate(entry.remoteCandidateId);
    if (remote === undefined) continue;
    stats.remoteAddress = `${remote.address}:${remote.port}`;
    const isRelayed = [local, remote].some((each) =>
      each?.candidateType === "relay"
    );
    stats.sameHost = own.has(remote.address) && !isRelayed;
  }
  return stats;
}

/** Tells whether a candidate is an address of this machine itself. */
function isOwn(entry: Entry): entry is CandidateStats {
  return entry.type === "local-candidate" && entry.candidateType === "host";
}

import type { RTCPeerConnection } from "werift";
import { dataPathOf } from "./install.ts";
import { readLinkStats } from "./link_stats.ts";
import type { PathLimits } from "./sctp/path_limits.ts";

/**
 * One DTLS record of 2^14 bytes a packet, and no more in flight than what the
 * kernel's default receive buffer holds of them.
 */
const SAME_HOST_LIMITS: PathLimits = { mtu: 16_469, maxWindow: 6 * 16_469 };

/**
 * Makes what tells whether the peer is on this machine, no network between:
 * not where a relay on the way takes its time.
 */
export async function watchSameHost(
  peer: RTCPeerConnection,
): Promise<() => boolean> {
  const { sameHost, roundTripMs = Infinity } = await readLinkStats(peer);
  const least = () =>
    Math.min(roundTripMs, dataPathOf(peer)?.outbound?.rtt.min ?? Infinity);
  return () => sameHost && least() < MAX_ROUND_TRIP_MS;
}

/** A relay that makes a network of one machine takes longer, milliseconds. */
const MAX_ROUND_TRIP_MS = 15;

/**
 * Sends large packets from now on where the peer is on this machine: no link
 * limits them there, and each costs little more than a small one. Only for a
 * peer that is known to be ours: others may not read datagrams of this size.
 */
export async function useSameHostPath(peer: RTCPeerConnection): Promise<void> {
  const { sameHost } = await readLinkStats(peer);
  if (!sameHost) return;
  dataPathOf(peer)?.setLimitsNearby(SAME_HOST_LIMITS, MAX_ROUND_TRIP_MS);
}

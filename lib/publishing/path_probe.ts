import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { SYSTEM_CLOCK } from "../clock.ts";
import { dataPathOf } from "../transport/install.ts";
import type { DataPath } from "../transport/sctp/data_path.ts";
import type { ProbeMessage } from "../wire/messages.ts";

/** What fits the first window, so that it leaves at once. */
const PROBE_BYTES = 32 * 1024;
/** Longest wait for it to arrive, milliseconds: slower is too slow. */
const PATIENCE_MS = 1_500;
const INTERVAL_MS = 5;
/** What is faster says only that the path takes more than can be told. */
const QUICK_BYTES_PER_MS = 750;
/** A path that is so short is a machine, or a network of a building. */
const SHORT_MS = 5;
/** Probes sent while they seem slow: a process stands still at times. */
const PROBES = 3;

/**
 * Measures what a path takes, before anything else is sent on it.
 *
 * @param channel of a peer that is ours: others may make something of it.
 * @returns bytes a millisecond; undefined where it takes more than can be told
 * in a round trip.
 */
export async function probePath(
  peer: RTCPeerConnection,
  channel: RTCDataChannel,
  signal: AbortSignal,
): Promise<number | undefined> {
  const path = dataPathOf(peer);
  if (path === undefined) return undefined;
  // There it is rather a process that stands still.
  if ((path.outbound?.rtt.min ?? Infinity) < SHORT_MS) return undefined;
  let best = 0;
  for (let i = 0; i < PROBES; i++) {
    best = Math.max(best, await probeOnce(path, channel, signal));
    if (best > QUICK_BYTES_PER_MS) return undefined;
  }
  return best;
}

async function probeOnce(
  path: DataPath,
  channel: RTCDataChannel,
  signal: AbortSignal,
): Promise<number> {
  const padding = "0".repeat(PROBE_BYTES);
  const probe: ProbeMessage = { type: "probe", padding };
  const before = path.outbound?.delivered ?? 0;
  const started = performance.now();
  channel.send(JSON.stringify(probe));
  const elapsed = () => performance.now() - started;
  const delivered = () => (path.outbound?.delivered ?? 0) - before;
  while (delivered() < PROBE_BYTES && elapsed() < PATIENCE_MS) {
    await SYSTEM_CLOCK.sleep(INTERVAL_MS, signal);
  }
  const rtt = path.outbound?.rtt.min ?? 0;
  return delivered() / Math.max(elapsed() - rtt, INTERVAL_MS);
}

import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { SYSTEM_CLOCK } from "../clock.ts";
import { dataPathOf } from "../transport/install.ts";
import type { DataPath } from "../transport/sctp/data_path.ts";
import type { ProbeMessage } from "../wire/messages.ts";

/** What fits the first window, so that it leaves at once. */
const PROBE_BYTES = 16 * 1024;
/** Longest wait for it to arrive, milliseconds: slower is too slow. */
const PATIENCE_MS = 1_500;
const INTERVAL_MS = 5;
/** What is faster says only that the path takes more than can be told. */
const QUICK_BYTES_PER_MS = 750;
/** A path that is so short is a machine, or a network of a building. */
const SHORT_MS = 5;
/** Probes sent while they seem slow: a process stands still at times. */
const PROBES = 3;
/** Time after which none is begun any more, milliseconds. */
const ENOUGH_MS = 400;

/**
 * Measures what a path takes, before anything else is sent on it.
 *
 * @param channel of a peer that is ours: others may make something of it.
 * @returns bytes a millisecond; undefined where it takes more than can be told
 * in a round trip, or the signal is aborted.
 */
export async function probePath(
  peer: RTCPeerConnection,
  channel: RTCDataChannel,
  signal: AbortSignal,
): Promise<number | undefined> {
  const path = dataPathOf(peer);
  if (path === undefined) return undefined;
  const { min = Infinity, smoothed = Infinity } = path.outbound?.rtt ?? {};
  const idleRtt = Math.min(min, smoothed);
  // There it is rather a process that stands still.
  if (idleRtt < SHORT_MS) return undefined;
  let best = 0;
  const started = performance.now();
  for (let i = 0; i < PROBES; i++) {
    if (performance.now() - started > ENOUGH_MS) break;
    best = Math.max(best, await probeOnce(path, channel, idleRtt, signal));
    if (signal.aborted) return undefined;
    if (best > QUICK_BYTES_PER_MS) return undefined;
  }
  return best;
}

async function probeOnce(
  path: DataPath,
  channel: RTCDataChannel,
  idleRtt: number,
  signal: AbortSignal,
): Promise<number> {
  const padding = "0".repeat(PROBE_BYTES);
  const probe: ProbeMessage = { type: "probe", padding };
  const before = path.outbound?.delivered ?? 0;
  const started = performance.now();
  channel.send(JSON.stringify(probe));
  const elapsed = () => performance.now() - started;
  const delivered = () => (path.outbound?.delivered ?? 0) - before;
  const isWaiting = () => delivered() < PROBE_BYTES && elapsed() < PATIENCE_MS;
  let waitedMs = 0;
  // A sleep that is aborted lets nothing else have its turn.
  while (!signal.aborted && isWaiting()) {
    waitedMs = elapsed() + INTERVAL_MS;
    await SYSTEM_CLOCK.sleep(INTERVAL_MS, signal);
  }
  // The probe's own packets wait for one another.
  const rtt = Math.min(path.outbound?.rtt.min ?? Infinity, idleRtt);
  // That this process was woken late at last is no measure of the path.
  return delivered() / Math.max(waitedMs - rtt, INTERVAL_MS);
}

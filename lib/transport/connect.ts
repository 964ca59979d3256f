import type { RTCPeerConnection } from "werift";
import { ConnectionError } from "./errors.ts";
import { LinkMonitor } from "./link_monitor.ts";
import { whenConnected } from "./peer.ts";

/**
 * Silence after which an attempt is dead: the last of the retransmissions of a
 * connectivity check (RFC 8489 section 6.2.1) that are 50 ms apart and double
 * is made after 3.2 s, and the one after it would come after another 3.2.
 */
const CONNECTING_SILENCE_MS = 4_000;

/**
 * Waits until a peer that has its answer is connected, or the other side is
 * silent for so long that it never will be.
 *
 * @throws {ConnectionError} `timeout`, `failed` or `closed`.
 * @throws the signal's reason when it is aborted.
 */
export async function connectOrGiveUp(
  peer: RTCPeerConnection,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { timeoutMs, signal } = options;
  using link = new LinkMonitor(peer, { silenceMs: CONNECTING_SILENCE_MS });
  const dead = new AbortController();
  void link.lost.then((how) => {
    // whenConnected() says more of a failure.
    if (peer.connectionState === "failed") return;
    const message = `No connection: ${how}`;
    dead.abort(new ConnectionError("timeout", message, { why: how }));
  });
  await whenConnected(peer, {
    timeoutMs,
    signal: AbortSignal.any([signal, dead.signal]),
  });
}

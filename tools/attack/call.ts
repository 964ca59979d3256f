/** How a peer of this process comes to have a session. */
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { whenConnected } from "../../lib/transport/peer.ts";
import { ask, RefusedError } from "../soak/visitor.ts";
import type { AttackContext } from "./attack.ts";

/** What a peer is to the server: it publishes, or watches the neighbour. */
export type Role = "publisher" | "watcher";

/**
 * Makes an offer, posts it, and waits for the connection.
 *
 * @throws {RefusedError} where the server refuses it.
 */
export async function call(
  peer: RTCPeerConnection,
  { url, session }: Pick<AttackContext, "url" | "session">,
  role: Role,
): Promise<void> {
  await peer.setLocalDescription(await peer.createOffer());
  const path = role === "publisher" ? "/whip" : `/whep/${session}`;
  const response = await ask(url + path, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: peer.localDescription!.sdp,
  });
  const sdp = await response.text();
  if (response.status !== 201) throw new RefusedError(response.status, sdp);
  await peer.setRemoteDescription({ type: "answer", sdp });
  await whenConnected(peer, { timeoutMs: 30_000 });
}

/** Waits until a data channel is open. */
export function whenOpen(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve) => {
    if (channel.readyState === "open") return resolve();
    channel.stateChanged.subscribe((state) => {
      if (state === "open") resolve();
    });
  });
}

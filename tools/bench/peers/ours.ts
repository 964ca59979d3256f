/** A peer of the transport bench: pointwire's. */
import { dataPathOf } from "../../../lib/transport/install.ts";
import { createPeer, DEFAULT_MTU } from "../../../lib/transport/peer.ts";
import { useSameHostPath } from "../../../lib/transport/same_host.ts";
import { runWeriftPeer } from "./werift_peer.ts";

// The relay would take larger packets than any network between two machines.
const peer = createPeer({ loopback: true, mtu: DEFAULT_MTU });
await runWeriftPeer({
  peer,
  async onOpen(sameHost) {
    if (!sameHost) return;
    // A round trip has to be known.
    while ((dataPathOf(peer)?.outbound?.rtt.min ?? Infinity) === Infinity) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await useSameHostPath(peer);
  },
  counters() {
    const { bytesSent = 0, bytesRetransmitted = 0 } =
      dataPathOf(peer)?.outbound?.counters ?? {};
    return { bytesSent, bytesRetransmitted };
  },
});

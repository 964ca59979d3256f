/** A peer of the transport bench: werift as it is published. */
import { RTCPeerConnection } from "werift";
import { runWeriftPeer } from "./werift_peer.ts";

await runWeriftPeer({
  peer: new RTCPeerConnection({
    iceServers: [],
    iceAdditionalHostAddresses: ["127.0.0.1"],
    maxMessageSize: 256 * 1024,
  }),
  // Its queue costs more the longer it is.
  keptBytes: 192 * 1024,
});

/** Peers of a host that say in RTCP what they like. */
import { Buffer } from "node:buffer";
import type {
  RTCDataChannel,
  RTCDtlsTransport,
  RTCPeerConnection,
} from "werift";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { loadMediaTools } from "../transport/media.ts";
import { connectTo, makePeer, offerOf, whenState } from "../transport/pair.ts";
import { publishTo } from "./attack.ts";
import type { Ssrcs } from "./rtcp_model.ts";

/** One that says something of what it is sent, and of what it sends. */
export interface Speaker extends AsyncDisposable {
  ssrcs: Ssrcs;
  /** Encrypts a compound and sends it. */
  tell(compound: Uint8Array): Promise<void>;
}

/** One whose pictures are watched. */
export interface Source extends Speaker {
  /** The id of its session. */
  id: string;
  /** Sends so many packets. */
  send(packets: number): void;
}

/** A picture of VP8, of which each packet is a keyframe. */
const PAYLOAD = new Uint8Array(1_000);
PAYLOAD.set([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64]);

/** Connects one that publishes video. */
export async function connectSource(host: SessionHost): Promise<Source> {
  await using life = new AsyncDisposableStack();
  const { peer } = life.use(await makePeer());
  const hangUp = hangUpChannel(peer);
  const { sender } = peer.addTransceiver("video", { direction: "sendonly" });
  const id = await publishTo(host, peer);
  await whenState(hangUp, "open");
  const tools = await loadMediaTools();
  const stream = tools.stream(peer, peer.getTransceivers()[0]);
  let number = 0;
  const { ssrc: own, rtxSsrc: repeats } = sender;
  const kept = life.move();
  return {
    id,
    // It is sent nothing; what it sends may be spoken of all the same.
    ssrcs: { own, repeats, sent: own },
    tell: (compound) => tell(peer, compound),
    send(packets) {
      for (let i = 0; i < packets; i++) {
        const sequenceNumber = number++ & 0xffff;
        const timestamp = 3_000 * number;
        const payload = PAYLOAD;
        stream.send({ sequenceNumber, timestamp, marker: true, payload });
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Connects one that watches the video of a session. */
export async function connectWatcher(
  host: SessionHost,
  session: string,
): Promise<Speaker> {
  await using life = new AsyncDisposableStack();
  const { peer } = life.use(await makePeer());
  const hangUp = hangUpChannel(peer);
  peer.addTransceiver("video", { direction: "recvonly" });
  const offer = await offerOf(peer);
  const remote = "127.0.0.1";
  const { sdp } = await host.watch({ session, offer, remote });
  await connectTo(peer, sdp);
  await whenState(hangUp, "open");
  const named = [...sdp.matchAll(/^a=ssrc:(\d+) /gm)].map(([, it]) =>
    Number(it)
  );
  const [sent, repeats = sent] = new Set(named);
  if (sent === undefined) throw new Error("The answer names no SSRC");
  const kept = life.move();
  return {
    ssrcs: { sent, repeats, own: 1 },
    tell: (compound) => tell(peer, compound),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A channel by which the other side learns at once that one hangs up. */
function hangUpChannel(peer: RTCPeerConnection): RTCDataChannel {
  return peer.createDataChannel("points", { protocol: "pointwire.v1" });
}

async function tell(
  peer: RTCPeerConnection,
  compound: Uint8Array,
): Promise<void> {
  // Without an SSRC there is nothing to encrypt it with.
  if (compound.length < 8) return;
  const [transport] = peer.dtlsTransports;
  const { srtcp, iceTransport } = transport as RTCDtlsTransport & {
    srtcp: { encrypt(packet: Buffer): Buffer };
  };
  await iceTransport.connection.send(srtcp.encrypt(Buffer.from(compound)));
}

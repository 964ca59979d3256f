/** Publishers that send their server SCTP packets that no program would. */
import { Buffer } from "node:buffer";
import type { SessionHost } from "../../lib/hosting/session_host.ts";
import { packetChecksum } from "../../lib/transport/sctp/crc32c.ts";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  PacketWriter,
  viewOf,
} from "../../lib/transport/sctp/packet.ts";
import { makePeer, whenState } from "../transport/pair.ts";
import { type Attacker, publishTo } from "./attack.ts";
import { frameMessages } from "./clouds.ts";
import type { ModelPacket } from "./sctp_chunks.ts";
import { rawSctpOf, SctpSender } from "./sctp_peer.ts";
import { writePacket } from "./sctp_write.ts";

/** DATA, SACK and FORWARD TSN as they go over the wire. */
export function dataPackets(): Uint8Array[] {
  const address = { sourcePort: 5000, destinationPort: 5000 };
  const writer = new PacketWriter(20_000);
  const packet = (write: () => void) => {
    writer.begin({ ...address, verificationTag: 0 });
    write();
    return writer.finish().slice();
  };
  const data = (protocol: number, userData: Uint8Array, flags = 3) =>
    packet(() =>
      writer.data({
        ...{ flags, tsn: 0, streamId: 1, streamSequence: 0 },
        ...{ protocol, userData },
      })
    );
  // DATA_CHANNEL_OPEN (RFC 8832 section 5.1): type, channel, priority,
  // reliability, label and protocol.
  const open = new TextEncoder().encode(
    "\x03\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x0cpointspointwire.v1",
  );
  return [
    data(50, open),
    data(50, Uint8Array.of(2)),
    data(51, new TextEncoder().encode(`{"type":"verify"}`)),
    data(56, Uint8Array.of(0)),
    data(57, Uint8Array.of(0)),
    ...frameMessages().slice(0, 20).map((message) => data(53, message)),
    data(53, new Uint8Array(100), 2),
    data(53, new Uint8Array(100), 0),
    data(53, new Uint8Array(100), 5),
    packet(() =>
      writer.sack({
        ...{ cumulativeTsn: 0, window: 100_000 },
        ...{ gaps: [[2, 3], [5, 9]], duplicates: [7] },
      })
    ),
    Uint8Array.of(
      ...[19, 136, 19, 136, 0, 0, 0, 0, 0, 0, 0, 0],
      ...[192, 0, 0, 12, 0, 0, 0, 9, 0, 1, 0, 2],
    ),
  ];
}

/** A publisher whose points channel is open. */
async function publisher(
  host: SessionHost,
  onPacket: (packet: Buffer) => void = () => {},
) {
  const made = await makePeer({ onError: () => {} });
  const { peer } = made;
  const protocol = "pointwire.v1";
  const channel = peer.createDataChannel("points", { protocol });
  const [transport] = peer.dtlsTransports;
  const { sendData } = transport;
  Object.assign(transport, {
    sendData: (packet: Buffer) => {
      onPacket(packet);
      return sendData(packet);
    },
  });
  const id = await publishTo(host, peer);
  await whenState(channel, "open");
  let isAlive = true;
  const watched = host.subscribe({
    onClosed: (session) => isAlive &&= session.id !== id,
  });
  return {
    ...{ peer, sendData },
    isAlive: () => isAlive,
    async [Symbol.asyncDispose]() {
      watched[Symbol.dispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

/**
 * Connects one that sends mutated packets.
 *
 * @param corpus gets those of its own: INIT, COOKIE ECHO, HEARTBEAT, RE-CONFIG.
 */
export async function sctpAttacker(
  host: SessionHost,
  corpus: Uint8Array[],
): Promise<Attacker> {
  const made = await publisher(host, (packet) => {
    if (corpus.length < 200) corpus.push(Uint8Array.from(packet));
  });
  const { peer, sendData, isAlive } = made;
  peer.createDataChannel("second").close();
  const sctp = rawSctpOf(peer);
  let count = 0;
  return {
    isAlive,
    async send(message) {
      const view = viewOf(message);
      if (message.length >= COMMON_HEADER_BYTES && count++ % 10 !== 0) {
        if (view.getUint32(4) === 0 || count % 3 !== 0) {
          view.setUint32(4, sctp.remoteVerificationTag);
        }
        if (message[12] === CHUNK.data && message.length >= 20) {
          view.setUint32(16, sctp.localTsn + count);
        }
        view.setUint32(8, packetChecksum(message), true);
      }
      await sendData(Buffer.from(message.slice(0, 16_000)));
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

/** One that sends packets of {@linkcode ModelPacket}s. */
export interface StrangePeer extends AsyncDisposable {
  send(packet: ModelPacket): Promise<void>;
  /** Whether its session still listens. */
  isAlive(): boolean;
}

/** Connects one whose packets a model makes. */
export async function connectStrange(host: SessionHost): Promise<StrangePeer> {
  const made = await publisher(host);
  const wire = new SctpSender(made.peer);
  await wire.settle();
  const { state } = wire;
  return {
    isAlive: made.isAlive,
    send: (packet) => wire.send(writePacket(packet, state)),
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

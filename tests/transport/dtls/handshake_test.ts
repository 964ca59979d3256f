/** Real peers in one process, and what may become of their DTLS datagrams. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import type { UdpSocket } from "../../../lib/transport/ice/udp_socket.ts";
import {
  bindStranger,
  connectPair,
  type PeerPair,
  peerTest,
  tamperWithDatagrams,
  watchDatagrams,
} from "../pair.ts";
import { pause } from "../../support.ts";

const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;
const CLIENT_HELLO = 1;

/** Type, and epoch and number, of each record (RFC 6347 section 4.1). */
function recordsOf(datagram: Uint8Array): { type: number; number: string }[] {
  const records = [];
  if (datagram[0] < 20 || datagram[0] > 63) return [];
  for (let at = 0; at < datagram.length;) {
    const number = datagram.subarray(at + 3, at + 11).join(".");
    records.push({ type: datagram[at], number });
    at += 13 + (datagram[at + 11] << 8 | datagram[at + 12]);
  }
  return records;
}

function isHandshake([type]: Uint8Array): boolean {
  return type === CONTENT.handshake || type === CONTENT.changeCipherSpec;
}

/** Says something from each side to the other. */
async function talk({ channel, remote }: PeerPair): Promise<void> {
  for (const [from, to] of [[channel, remote], [remote, channel]]) {
    const heard = new Promise((resolve) => to.onMessage.once(resolve));
    from.send("still here");
    assertEquals(await heard, "still here");
  }
}

/** Puts a datagram into what `to` receives. */
function forge(to: RTCPeerConnection, ...bytes: number[]): void {
  to.iceTransports[0].connection.onData.execute(Buffer.from(bytes));
}

peerTest("No DTLS record number is used twice, whatever is lost", async () => {
  const sent = new Map<Deno.DatagramConn, string[]>();
  using _watching = watchDatagrams((socket, datagram) => {
    const numbers = recordsOf(datagram).map(({ number }) => number);
    sent.set(socket, [...sent.get(socket) ?? [], ...numbers]);
  });
  let finished = 0;
  let encrypted = 0;
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    const records = recordsOf(datagram);
    // Each side's Finished, and then some of what it sends afterwards.
    const isFinished = isHandshake(datagram) &&
      records.some(({ number }) => number.startsWith("0.1."));
    if (isFinished && ++finished <= 3) return;
    const isSctp = records.length > 0 && !isHandshake(datagram);
    if (isSctp && ++encrypted <= 2) return;
    pass();
  });
  await using pair = await connectPair();
  await talk(pair);
  assert(finished > 3 && encrypted > 2);
  const used = [...sent.values()].filter(({ length }) => length > 0);
  assertEquals(used.length, 2);
  for (const numbers of used) {
    assertEquals(numbers.length, new Set(numbers).size);
  }
});

peerTest("A handshake whose datagrams come twice comes to an end", async () => {
  // Longer than the least time between two copies of a flight.
  const DELAY_MS = 40;
  let isOpen = false;
  let later = 0;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    if (isOpen && isHandshake(datagram)) later++;
    const isDoubled = isHandshake(datagram);
    const timer = setTimeout(() => {
      timers.delete(timer);
      pass();
      if (isDoubled) pass();
    }, DELAY_MS);
    timers.add(timer);
  });
  {
    await using _pair = await connectPair();
    // That no flight follows, nothing tells: one would come within this time.
    const settle = () => pause(6 * DELAY_MS);
    await settle();
    isOpen = true;
    await settle();
  }
  for (const timer of timers) clearTimeout(timer);
  assertEquals(later, 0);
});

/**
 * The transaction of a STUN message, and whether the controlling agent asks.
 */
function stunOf(datagram: Uint8Array) {
  const transaction = datagram.subarray(4, 20).join();
  let isControlling = false;
  for (let at = 20; at + 4 <= datagram.length;) {
    const type = datagram[at] << 8 | datagram[at + 1];
    if (type === 0x802a) isControlling = true;
    at += 4 + ((datagram[at + 2] << 8 | datagram[at + 3]) + 3 & ~3);
  }
  return { transaction, isControlling };
}

peerTest("A hello that comes before ICE is done is not lost", async () => {
  const LATE_MS = 150;
  const asked = new Set<string>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let hellos = 0;
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    if (datagram[0] < 2) {
      const { transaction, isControlling } = stunOf(datagram);
      if (isControlling) asked.add(transaction);
      else if (asked.has(transaction)) {
        // The offerer, which is DTLS's server, learns late that it may begin.
        timers.add(setTimeout(pass, LATE_MS));
        return;
      }
    }
    // The first of them, without a cookie, isn't passed again.
    const isHello = datagram[0] === CONTENT.handshake &&
      datagram[13] === CLIENT_HELLO && datagram[18] === 0;
    if (!isHello || hellos++ === 0) pass();
  });
  await using pair = await connectPair();
  await talk(pair);
  for (const timer of timers) clearTimeout(timer);
});

/** Where a peer receives, and what it sends from. */
function wireOf(peer: RTCPeerConnection) {
  const { nominated } = peer.iceTransports[0].connection;
  const socket = nominated!.protocol as unknown as { transport: UdpSocket };
  return { to: nominated!.remoteAddr, socket: socket.transport };
}

/** A record without encryption, of either epoch. */
function plainRecord(type: number, epoch: number, ...content: number[]) {
  const number = [0, 0, 0, 0, 0, 99];
  const header = [type, 254, 253, 0, epoch, ...number, 0, content.length];
  return Uint8Array.of(...header, ...content);
}

peerTest("A connection heeds no record that anyone could make", async () => {
  await using pair = await connectPair();
  const [warning, fatal, closeNotify, handshakeFailure] = [1, 2, 0, 40];
  const records = [0, 1].flatMap((epoch) => [
    plainRecord(CONTENT.alert, epoch, warning, closeNotify),
    plainRecord(CONTENT.alert, epoch, fatal, handshakeFailure),
    plainRecord(CONTENT.alert, epoch),
    plainRecord(CONTENT.changeCipherSpec, epoch, 1),
    plainRecord(CONTENT.handshake, epoch, ...new Uint8Array(12)),
    plainRecord(CONTENT.applicationData, epoch, 1, 2, 3),
    plainRecord(0x3f, epoch, 0),
  ]);
  for (const peer of [pair.left, pair.right]) {
    const { to: [hostname, port], socket } = wireOf(peer);
    const stranger = bindStranger(hostname);
    for (const record of records) {
      socket.sendTo(record, hostname, port);
      await stranger.send(record, { transport: "udp", hostname, port });
    }
    stranger.close();
  }
  await talk(pair);
  for (const { connectionState } of [pair.left, pair.right]) {
    assertEquals(connectionState, "connected");
  }
});

peerTest("A connection heeds the alert that its peer encrypted", async () => {
  await using pair = await connectPair();
  const transport = pair.right.dtlsTransports[0];
  const closed = new Promise((resolve) =>
    transport.onStateChange.subscribe(resolve)
  );
  const { cipher, dtls } = pair.left.dtlsTransports[0].dtls!;
  const sequenceNumber = ++dtls.recordSequenceNumber;
  const record = {
    recordLayerHeader: {
      contentType: CONTENT.alert,
      protocolVersion: { major: 254, minor: 253 },
      epoch: 1,
      sequenceNumber,
    },
    fragment: Buffer.of(1, 0),
  };
  cipher.encryptPacket(record as Parameters<typeof cipher.encryptPacket>[0]);
  const sealed = Buffer.from(
    plainRecord(CONTENT.alert, 1, ...record.fragment),
  );
  sealed.writeUIntBE(sequenceNumber, 5, 6);
  const { to: [hostname, port], socket } = wireOf(pair.left);
  socket.sendTo(sealed, hostname, port);
  assertEquals(await closed, "closed");
});

peerTest("A connection does not begin anew for a hello", async () => {
  await using pair = await connectPair();
  for (const peer of [pair.left, pair.right]) {
    for (let sequence = 0; sequence < 16; sequence++) {
      const record = [CONTENT.handshake, 254, 253, 0, 0, 0, 0, 0, 0, 0, 99];
      const message = [CLIENT_HELLO, 0, 0, 0, 0, sequence, 0, 0, 0, 0, 0, 0];
      forge(peer, ...record, 0, message.length, ...message);
    }
  }
  await talk(pair);
  for (const peer of [pair.left, pair.right]) {
    assert(peer.dtlsTransports[0].dtls!.connected);
  }
});

peerTest("A connection takes no Finished message without keys", async () => {
  let isForged = false;
  const peers: RTCPeerConnection[] = [];
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    pass();
    // When the client has sent its hello, the server is no further than that.
    if (isForged || !isHandshake(datagram)) return;
    isForged = true;
    for (const peer of peers) {
      for (let sequence = 0; sequence < 16; sequence++) {
        const record = [CONTENT.handshake, 254, 253, 0, 0, 0, 0, 0, 0, 0, 99];
        const message = [20, 0, 0, 0, 0, sequence, 0, 0, 0, 0, 0, 0];
        forge(peer, ...record, 0, message.length, ...message);
      }
    }
  });
  await using pair = await connectPair({
    prepare: (left, right) => peers.push(left, right),
  });
  assert(isForged);
  await talk(pair);
});

/**
 * What lib/transport/werift/ says of werift holds for the pinned version. Where
 * this fails after an upgrade, that folder is what to change.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { RTCPeerConnection } from "werift";
import type { Association } from "../../../lib/transport/werift/association.ts";
import type { DtlsSocket } from "../../../lib/transport/werift/dtls_socket.ts";
import type { DtlsTransport } from "../../../lib/transport/werift/dtls_transport.ts";
import type { IceProtocol } from "../../../lib/transport/werift/ice_protocol.ts";
import { until } from "../../support.ts";
import {
  answerOf,
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../pair.ts";

// werift is imported with it, and only while a test runs.
const factories = () => import("../../../lib/transport/werift/factories.ts");

/** What was made for a peer, in the order of its making. */
interface Made {
  transports: DtlsTransport[];
  protocols: IceProtocol[];
  sockets: DtlsSocket[];
  associations: Association[];
}

async function watch(peer: RTCPeerConnection): Promise<Made> {
  const { onAssociation, onTransport } = await factories();
  const made: Made = {
    transports: [],
    protocols: [],
    sockets: [],
    associations: [],
  };
  onTransport(peer, (transport) => {
    made.transports.push(transport);
    transport.onSocket((socket) => {
      assert(!socket.isConnected && !socket.hasKeys);
      made.sockets.push(socket);
    });
    transport.ice.onProtocol((protocol) => {
      assert(protocol.takesSocket);
      made.protocols.push(protocol);
    });
  });
  onAssociation(peer, ({ association, transport }) => {
    assertEquals(transport, made.transports.at(-1));
    made.associations.push(association);
  });
  return made;
}

peerTest("All that the door knows of werift is there", async () => {
  const { RTCPeerConnection } = await import("werift");
  const peer = new RTCPeerConnection({ iceServers: [] });
  const { transports, associations } = await watch(peer);
  peer.createDataChannel("data");
  const [{ ice }] = transports;
  const [association] = associations;
  assertEquals([transports.length, associations.length], [1, 1]);
  assertEquals([ice.odds, association.odds], [[], []]);
  assert(!association.isStopped && !association.isEstablished);
  assert(!transports[0].isConnecting);
  assertEquals([ice.roundTripMs, ice.remoteAddress], [undefined, undefined]);
  const { sourcePort, destinationPort } = association.address;
  assertEquals(destinationPort, sourcePort);
  await peer.close();
});

peerTest("A connection that is up has keys, a role, and a path", async () => {
  const { DtlsRole } = await import(
    "../../../lib/transport/werift/dtls_socket.ts"
  );
  const { UdpSocket } = await import(
    "../../../lib/transport/ice/udp_socket.ts"
  );
  await using left = await makePeer();
  await using right = await makePeer();
  const all = [await watch(left.peer), await watch(right.peer)];
  left.peer.createDataChannel("data");
  await connectTo(
    left.peer,
    await answerOf(right.peer, await offerOf(left.peer)),
  );
  await until(
    () => all.every(({ associations: [each] }) => each.isEstablished),
    { what: "both associations" },
  );
  const keys = all.map(({ sockets: [socket] }) => socket.keys!);
  assertEquals(all.map(({ sockets: [{ role }] }) => role), [
    DtlsRole.server,
    DtlsRole.client,
  ]);
  for (const [i, { transports, sockets, protocols }] of all.entries()) {
    const [{ ice, fingerprints, socket }] = transports;
    assertEquals(socket, sockets[0]);
    assertEquals(socket!.epoch, 1);
    assert(socket!.recordNumber > 0);
    assertEquals(fingerprints[0].algorithm, "sha-256");
    assertEquals(keys[i].algorithm, "aes-128-gcm");
    const { writeKey, readKey, writeNonce, readNonce } = keys[i];
    assertEquals([writeKey.length, readKey.length], [16, 16]);
    assertEquals([writeNonce.length, readNonce.length], [12, 12]);
    assertEquals(writeKey, keys[1 - i].readKey);
    assert(ice.socket instanceof UdpSocket);
    const [host, port] = ice.remoteAddress!;
    assert(ice.isPeer(host, port) && !ice.isPeer(host, port ^ 1));
    assert(ice.roundTripMs! > 0 && ice.hasConsent);
    assert(protocols.length > 0);
  }
});

peerTest("Datagrams that pass werift by are in its statistics", async () => {
  const { readLinkStats } = await import(
    "../../../lib/transport/link_stats.ts"
  );
  await using left = await makePeer();
  await using right = await makePeer();
  const { transports } = await watch(left.peer);
  left.peer.createDataChannel("data");
  await connectTo(
    left.peer,
    await answerOf(right.peer, await offerOf(left.peer)),
  );
  const { packetsReceived } = await readLinkStats(left.peer);
  for (let i = 0; i < 1000; i++) transports[0].ice.countReceived(10);
  const after = await readLinkStats(left.peer);
  assert(after.packetsReceived >= packetsReceived + 1000);
});

peerTest("Each listener gets what is made, in their order", async () => {
  const { onAssociation, onTransport } = await factories();
  const { RTCPeerConnection } = await import("werift");
  const peer = new RTCPeerConnection({ iceServers: [] });
  const order: string[] = [];
  for (const name of ["first", "second"]) {
    onTransport(peer, () => order.push(`${name} transport`));
    onAssociation(peer, () => order.push(`${name} association`));
  }
  peer.createDataChannel("data");
  assertEquals(order, [
    "first transport",
    "second transport",
    "first association",
    "second association",
  ]);
  await peer.close();
});

peerTest("werift's own queues show what is under way", async () => {
  const { stockUndeliveredBytes, isAssociationClosed, largestMessage } =
    await import("../../../lib/transport/werift/peer.ts");
  const { RTCPeerConnection } = await import("werift");
  const stock = new RTCPeerConnection({
    iceServers: [],
    iceAdditionalHostAddresses: ["127.0.0.1"],
  });
  await using ours = await makePeer();
  try {
    assertEquals(stockUndeliveredBytes(stock), 0);
    assertEquals(isAssociationClosed(stock), false);
    const channel = stock.createDataChannel("data");
    await connectTo(stock, await answerOf(ours.peer, await offerOf(stock)));
    await whenState(channel, "open");
    channel.send(Buffer.alloc(50_000));
    assert(stockUndeliveredBytes(stock) > 0);
    await until(() => stockUndeliveredBytes(stock) === 0, {
      what: "the acknowledgement of all",
    });
    assertEquals(largestMessage(stock), 64 * 1024 * 1024);
  } finally {
    await stock.close();
  }
  assertEquals(isAssociationClosed(stock), true);
});

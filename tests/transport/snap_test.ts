/** SCTP's set-up within the descriptions, between real peers. */
import { Buffer } from "node:buffer";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import { connectTo, makePeer, offerOf, peerTest, whenState } from "./pair.ts";

// werift is imported with them, and only while a test runs.
const install = () => import("../../lib/transport/install.ts");
const snap = () => import("../../lib/transport/snap.ts");

/** INIT, INIT ACK, COOKIE ECHO and COOKIE ACK. */
const SET_UP = [1, 2, 10, 11];
const ATTRIBUTE = /^a=sctp-init:.*\r\n/m;

/** How two peers exchange their descriptions. */
interface Exchange {
  /** Changes the offer, which has our INIT, on its way. */
  offered?(sdp: string): string;
  /** Changes the answer on its way. */
  answered?(sdp: string, offer: string): string;
}

/**
 * Connects two peers, sees messages go both ways, and returns the chunks of the
 * set-up that either got.
 */
async function setUpOf(
  { offered = (sdp) => sdp, answered = (sdp) => sdp }: Exchange,
): Promise<number[]> {
  const { associationOf } = await install();
  const { takeSctpInit, withSctpInit } = await snap();
  await using offerer = await makePeer();
  await using answerer = await makePeer();
  const [left, right] = [offerer.peer, answerer.peer];
  const remote = new Promise<RTCDataChannel>((resolve) =>
    right.onDataChannel.subscribe(resolve)
  );
  const channel = left.createDataChannel("data");
  const types: number[] = [];
  const watch = (peer: RTCPeerConnection) =>
    associationOf(peer)!.interceptChunks((type, pass) => {
      if (SET_UP.includes(type)) types.push(type);
      return pass();
    });

  const offer = offered(withSctpInit(left, await offerOf(left)));
  await right.setRemoteDescription({ type: "offer", sdp: offer });
  const answer = await right.createAnswer();
  const takes = takeSctpInit(right, offer);
  await right.setLocalDescription(answer);
  const own = right.localDescription!.sdp;
  watch(left);
  watch(right);
  const sdp = answered(takes ? withSctpInit(right, own) : own, offer);
  takeSctpInit(left, sdp);
  await connectTo(left, sdp);

  await whenState(channel, "open");
  await exchange(channel, await remote);
  return types;
}

/** Sends a message that takes many packets each way. */
async function exchange(a: RTCDataChannel, b: RTCDataChannel): Promise<void> {
  for (const [from, to] of [[a, b], [b, a]]) {
    const came = new Promise((resolve) => to.onMessage.once(resolve));
    const message = Buffer.alloc(100_000, 7);
    from.send(message);
    assertEquals(await came, message);
  }
}

peerTest("With both INITs in the descriptions none is sent", async () => {
  assertEquals(await setUpOf({}), []);
});

peerTest("A peer that doesn't know sctp-init is set up as ever", async () => {
  const without = (sdp: string) => sdp.replace(ATTRIBUTE, "");
  assertEquals(await setUpOf({ offered: without }), SET_UP);
});

peerTest("An answer that echoes the offer's INIT is none", async () => {
  const echo = (sdp: string, offer: string) => {
    assertStringIncludes(offer, "a=sctp-init:");
    return sdp + ATTRIBUTE.exec(offer)![0];
  };
  const types = await setUpOf({
    offered: (sdp) => sdp,
    answered: (sdp, offer) => echo(sdp.replace(ATTRIBUTE, ""), offer),
  });
  assertEquals(types.includes(1), true);
});

peerTest("An INIT that can't be read is passed over", async () => {
  for (const value of ["", "!", "AQAA", "A".repeat(100_000)]) {
    const types = await setUpOf({
      offered: (sdp) => sdp.replace(ATTRIBUTE, `a=sctp-init:${value}\r\n`),
    });
    assertEquals(types, SET_UP, value.slice(0, 10));
  }
});

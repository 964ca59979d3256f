import { assertEquals } from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { until } from "../../support.ts";
import {
  answerOf,
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  tamperWithDatagrams,
  watchDatagrams,
} from "../pair.ts";

/** Content type of a DTLS alert (RFC 5246 section 6.2.1). */
const ALERT = 21;

/** Makes two connected peers, without a data channel between them. */
async function connectMedia() {
  await using cleanup = new AsyncDisposableStack();
  const left = cleanup.use(await makePeer()).peer;
  const right = cleanup.use(await makePeer()).peer;
  left.addTransceiver("audio");
  await connectTo(left, await answerOf(right, await offerOf(left)));
  for (const peer of [left, right]) await whenDtls(peer, "connected");
  const made = cleanup.move();
  return { left, right, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

/** Waits until a peer's DTLS is in a state. */
async function whenDtls(
  { dtlsTransports: [dtls] }: RTCPeerConnection,
  state: string,
  within?: number,
): Promise<void> {
  await until(() => dtls.state === state, {
    ...{ what: () => `DTLS that is ${state}: it is ${dtls.state}`, within },
  });
}

for (const closing of ["left", "right"] as const) {
  peerTest(`who closes says so by DTLS, the ${closing} one`, async () => {
    await using pair = await connectMedia();
    const other = closing === "left" ? pair.right : pair.left;
    await pair[closing].close();
    await whenDtls(other, "closed", 1_000);
  });
}

peerTest("the other side learns of it where a datagram is lost", async () => {
  await using pair = await connectMedia();
  let lost = 0;
  using _ = tamperWithDatagrams((datagram, pass) => {
    if (datagram[0] === ALERT && lost++ === 0) return;
    pass();
  });
  await pair.left.close();
  await whenDtls(pair.right, "closed", 1_000);
  assertEquals(lost >= 2, true);
});

peerTest("nothing is said before there is a connection", async () => {
  let alerts = 0;
  using _ = watchDatagrams((_, datagram) => {
    if (datagram[0] === ALERT) alerts++;
  });
  await using left = await makePeer();
  await using right = await makePeer();
  left.peer.addTransceiver("audio");
  await answerOf(right.peer, await offerOf(left.peer));
  await right.peer.close();
  await left.peer.close();
  assertEquals(alerts, 0);
});

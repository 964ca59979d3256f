/** Real peers, and what may become of the datagrams of SCTP's set-up. */
import { assert, assertEquals, equal } from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { until } from "../../support.ts";
import {
  connectPair,
  peerTest,
  tamperWithDatagrams,
  whenState,
} from "../pair.ts";

const APPLICATION_DATA = 23;

/** What an association learnt from INIT, and what changed it since. */
function learntFromInit(peer: RTCPeerConnection): unknown {
  const sctp = peer.sctpTransport!.sctp as unknown as Record<string, unknown>;
  const { lastReceivedTsn, remoteVerificationTag, reconfigResponseSeq } = sctp;
  return { lastReceivedTsn, remoteVerificationTag, reconfigResponseSeq };
}

peerTest("SCTP's set-up that comes again late changes nothing", async () => {
  const setUp: (() => void)[] = [];
  let isUp = false;
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    pass();
    if (datagram[0] === APPLICATION_DATA && !isUp) setUp.push(pass);
  });
  await using pair = await connectPair();
  isUp = true;
  // A reset moves on what INIT began with.
  const second = pair.left.createDataChannel("second");
  await whenState(second, "open");
  const reset = learntFromInit(pair.right);
  second.close();
  await until(() => !equal(learntFromInit(pair.right), reset), {
    what: "the reset of the second channel",
  });
  const before = learntFromInit(pair.right);
  assert(setUp.length >= 6);
  for (const pass of setUp) pass();
  const received = new Promise((resolve) =>
    pair.remote.onMessage.once(resolve)
  );
  pair.channel.send("still here");
  // It comes after them.
  assertEquals(await received, "still here");
  assertEquals(learntFromInit(pair.right), before);
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { readLinkStats } from "../../lib/transport/link_stats.ts";
import { connectPair, makePeer, offerOf, peerTest } from "./pair.ts";

/** A peer that has just these statistics. */
function peerWith(
  ...entries: { id: string; type: string; [name: string]: unknown }[]
): RTCPeerConnection {
  const report = new Map(entries.map((entry) => [entry.id, entry]));
  const peer = { getStats: () => Promise.resolve(report) };
  return peer as unknown as RTCPeerConnection;
}

const TRANSPORT = {
  id: "transport",
  type: "transport",
  selectedCandidatePairId: "pair",
};

const SELECTED = {
  id: "pair",
  type: "candidate-pair",
  nominated: true,
  localCandidateId: "local",
  remoteCandidateId: "remote",
};

function candidate(id: string, address: string, port = 5000) {
  const type = `${id}-candidate`;
  return { id, type, candidateType: "host", address, port };
}

Deno.test("readLinkStats() of a peer without pairs is empty", async () => {
  const nothing = {
    packetsReceived: 0,
    checksAnswered: 0,
    sameHost: false,
  };
  assertEquals(await readLinkStats(peerWith()), nothing);
  const peer = peerWith(candidate("local", "127.0.0.1"));
  assertEquals(await readLinkStats(peer), nothing);
});

Deno.test("readLinkStats() adds up all that came, on any pair", async () => {
  const other = { id: "other", type: "candidate-pair", requestsReceived: 100 };
  const peer = peerWith(other, {
    ...SELECTED,
    packetsReceived: 7,
    requestsReceived: 20,
    responsesReceived: 3000,
  });
  assertEquals((await readLinkStats(peer)).packetsReceived, 3127);
});

Deno.test("readLinkStats() takes address and time from the selected pair", async () => {
  const peer = peerWith(
    TRANSPORT,
    { ...SELECTED, currentRoundTripTime: 0.0125 },
    {
      ...SELECTED,
      id: "other",
      remoteCandidateId: "elsewhere",
      currentRoundTripTime: 9,
    },
    candidate("local", "192.0.2.1", 4000),
    candidate("remote", "192.0.2.2", 4001),
    candidate("elsewhere", "192.0.2.3", 4002),
  );
  assertEquals(await readLinkStats(peer), {
    packetsReceived: 0,
    checksAnswered: 0,
    roundTripMs: 12.5,
    remoteAddress: "192.0.2.2:4001",
    sameHost: false,
  });
});

Deno.test("readLinkStats() knows a peer on the same machine", async () => {
  const peer = peerWith(
    TRANSPORT,
    SELECTED,
    candidate("local", "192.0.2.1", 4000),
    candidate("remote", "192.0.2.1", 4001),
  );
  assertEquals((await readLinkStats(peer)).sameHost, true);
});

Deno.test("readLinkStats() knows a peer at another address of this machine", async () => {
  const selected = candidate("local", "127.0.0.1", 4000);
  const peer = peerWith(
    TRANSPORT,
    SELECTED,
    selected,
    { ...selected, id: "another", address: "192.0.2.1" },
    candidate("remote", "192.0.2.1", 4001),
  );
  assertEquals((await readLinkStats(peer)).sameHost, true);
});

Deno.test("readLinkStats() takes no peer behind a TURN server for one", async () => {
  for (const relayed of ["local", "remote"]) {
    const [local, remote] = ["local", "remote"].map((id, i) => ({
      ...candidate(id, "192.0.2.1", 4000 + i),
      candidateType: id === relayed ? "relay" : "host",
    }));
    const stats = await readLinkStats(
      peerWith(TRANSPORT, SELECTED, local, remote),
    );
    assertEquals([stats.remoteAddress, stats.sameHost], [
      "192.0.2.1:4001",
      false,
    ]);
  }
});

Deno.test("readLinkStats() takes a pair of unknown candidates for no address", async () => {
  const stats = await readLinkStats(peerWith(TRANSPORT, SELECTED));
  assertEquals([stats.remoteAddress, stats.sameHost], [undefined, false]);
});

peerTest("readLinkStats() reads what werift counts", async () => {
  await using pair = await connectPair();
  for (const peer of [pair.left, pair.right]) {
    const stats = await readLinkStats(peer);
    assert(stats.packetsReceived > 0);
    assert(stats.checksAnswered > 0);
    assert(stats.roundTripMs! > 0);
    assertMatch(stats.remoteAddress!, /^\S+:\d+$/);
    assertEquals(stats.sameHost, true);
  }
});

peerTest("readLinkStats() reads a peer in any state", async () => {
  await using made = await makePeer();
  await readLinkStats(made.peer);
  made.peer.createDataChannel("data");
  const offering = offerOf(made.peer);
  await readLinkStats(made.peer);
  await offering;
  const [stats] = await Promise.all([
    readLinkStats(made.peer),
    made.peer.close(),
  ]);
  assertEquals(stats, {
    packetsReceived: 0,
    checksAnswered: 0,
    sameHost: false,
  });
  await readLinkStats(made.peer);
});

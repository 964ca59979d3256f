/** libdatachannel, which answers with attributes that it doesn't know. */
import { Buffer } from "node:buffer";
import { assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { PeerProcess } from "../../tools/bench/transport/peer_process.ts";
import { installedKinds } from "../../tools/bench/transport/programs.ts";
import { testWith } from "../support.ts";
import { connectTo, makePeer, offerOf, whenState } from "../transport/pair.ts";

testWith(
  ["all permissions"],
  "libdatachannel's echo of our INIT is not taken for its own",
  async (t) => {
    const kinds = await installedKinds(["libdatachannel"]);
    await t.step({
      name: "our messages arrive",
      ignore: !kinds.has("libdatachannel"),
      fn: sendSome,
    });
  },
);

async function sendSome(): Promise<void> {
  // werift is imported with it, and only while a test runs.
  const { takeSctpInit, withSctpInit } = await import(
    "../../lib/transport/snap.ts"
  );
  await using process = new PeerProcess("libdatachannel", ["receive", "1"]);
  await using ours = await makePeer();
  const { peer } = ours;
  const channel = peer.createDataChannel("ours");
  const offer = withSctpInit(peer, await offerOf(peer));
  await process.tell({ type: "offer", sdp: offer });
  const { sdp = "" } = await process.hear();
  assertMatch(sdp, /^a=sctp-init:/m);
  assertEquals(takeSctpInit(peer, sdp), false);
  await connectTo(peer, sdp);
  await whenState(channel, "open");
  for (let i = 0; i < 10; i++) channel.send(Buffer.alloc(10_000));
  const { received } = await process.hear(1000);
  assertGreaterOrEqual(received!.bytes, 100_000);
}

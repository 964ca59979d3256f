/**
 * What native_test.ts runs with the permission to call libc: peers of all kinds
 * answer our probes, and take what we send then.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { undeliveredBytes } from "../../../lib/transport/install.ts";
import { createPeer } from "../../../lib/transport/peer.ts";
import type { Kind } from "../../../tools/bench/transport/conditions.ts";
import { PeerProcess } from "../../../tools/bench/transport/peer_process.ts";
import { installedKinds } from "../../../tools/bench/transport/programs.ts";
import { until } from "../../support.ts";
import { connectTo, offerOf, whenState } from "../pair.ts";

const RECEIVERS: Kind[] = [
  ...["ours", "stock", "aiortc", "libdatachannel", "chromium"] as const,
];
const MESSAGE = Buffer.alloc(16_000, 1);
const installed = await installedKinds(RECEIVERS);

for (const kind of RECEIVERS) {
  Deno.test({
    name: `larger packets are found to go to ${kind}`,
    ignore: !installed.has(kind),
    // werift leaves timers that end by themselves.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => findTo(kind),
  });
}

async function findTo(kind: Kind): Promise<void> {
  // No other is sent more than the frames of Ethernet: libwebrtc would end.
  const due = kind === "ours" ? 9000 : 1500;
  const found: number[] = [];
  const peer = createPeer({ loopback: true, onMtu: (mtu) => found.push(mtu) });
  try {
    const channel = peer.createDataChannel("data");
    await using receiver = new PeerProcess(kind, ["receive", "1"]);
    await receiver.tell({ type: "offer", sdp: await offerOf(peer) });
    const { sdp } = await receiver.hear();
    await connectTo(peer, sdp!);
    await whenState(channel, "open");
    const hasFound = () => {
      while (channel.bufferedAmount < 100_000) channel.send(MESSAGE);
      return found.at(-1) === due;
    };
    await until(hasFound, { what: () => `larger packets: ${found}` });
    for (let i = 0; i < 20; i++) channel.send(MESSAGE);
    await until(() => undeliveredBytes(peer) === 0, {
      what: "the acknowledgement of all",
    });
    // Each is larger than the one before: none was gone back from.
    assert(found.every((mtu, i) => mtu > (found[i - 1] ?? 1280)), `${found}`);
    assertEquals(found.at(-1), due);
  } finally {
    await peer.close();
  }
}

import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { udpPortsOf } from "../../tools/proc.ts";
import { testWith } from "../support.ts";
import { makePeer, offerOf } from "../transport/pair.ts";

const NAME =
  "a=candidate:1 1 udp 2122260223 0f9b6e4c-1234.local 50000 typ host";

/** werift leaves timers that end by themselves; see peerTest. */
const UNWATCHED = { sanitizeOps: false, sanitizeResources: false };

testWith(
  ["linux"],
  "A session asks the network for no name of an offer",
  async () => {
    const { Session } = await import("../../lib/session/session.ts");
    await using made = await makePeer();
    made.peer.createDataChannel("points");
    const offer = (await offerOf(made.peer))
      .replace(/a=candidate:/, `${NAME}\r\na=candidate:`);
    await using session = await Session.answer(
      { id: "test", offer, loopback: true },
      {},
      createLogger({ write: () => {} }),
    );
    // It answers, and binds no socket for multicast DNS beside its own.
    assertEquals(session.state, "connecting");
    assertEquals(await mdnsSockets(), 0);
  },
  UNWATCHED,
);

/** Sockets of this process that are bound to the port of multicast DNS. */
async function mdnsSockets(): Promise<number> {
  const ports = await udpPortsOf(Deno.pid);
  return ports.filter((port) => port === 5353).length;
}

import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { withoutNamedCandidates } from "../../lib/session/named_candidates.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";

const NAMES = [
  "a=candidate:1 1 udp 2122260223 0f9b6e4c-1234.local 50000 typ host",
  "a=candidate:2 1 udp 2122260223 db.internal 53 typ host generation 0",
  "a=candidate:3 1 tcp 1518280447 localhost 9 typ host tcptype active",
];
const ADDRESSES = [
  "a=candidate:4 1 udp 2122260223 192.0.2.1 50000 typ host",
  "a=candidate:5 1 udp 2122260223 2001:db8::1 50000 typ host",
  "a=candidate:6 1 udp 1 192.0.2.2 5 typ srflx raddr a.local rport 9",
];

Deno.test("withoutNamedCandidates leaves out names, and nothing else", () => {
  for (const end of ["\r\n", "\n"]) {
    const sdp = (lines: string[]) =>
      ["v=0", "m=application 9", ...lines, "a=mid:0", ""].join(end);
    assertEquals(
      withoutNamedCandidates(sdp([...NAMES, ...ADDRESSES])),
      sdp(ADDRESSES),
    );
  }
  const last = `v=0\n${NAMES[0]}`;
  assertEquals(withoutNamedCandidates(last), "v=0\n");
});

peerTest("A session asks the network for no name of an offer", async () => {
  const { Session } = await import("../../lib/session/session.ts");
  await using made = await makePeer();
  made.peer.createDataChannel("points");
  const offer = (await offerOf(made.peer))
    .replace(/a=candidate:/, `${NAMES.join("\r\n")}\r\na=candidate:`);
  await using session = await Session.answer(
    { id: "test", offer, loopback: true },
    {},
    createLogger({ write: () => {} }),
  );
  // It answers, and binds no socket for multicast DNS beside its own.
  assertEquals(session.state, "connecting");
  assertEquals(await mdnsSockets(), 0);
});

/** Sockets of this process that are bound to the port of multicast DNS. */
async function mdnsSockets(): Promise<number> {
  const { udpPortsOf } = await import("../../tools/proc.ts");
  const ports = await udpPortsOf(Deno.pid);
  return ports.filter((port) => port === 5353).length;
}

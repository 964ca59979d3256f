import { assertEquals, assertThrows } from "@std/assert";
import { addressOf, withCandidate } from "../../../tools/impair/sdp.ts";
import { makePeer, offerOf, peerTest } from "../../transport/pair.ts";

const SDP = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 96",
  "c=IN IP4 0.0.0.0",
  "a=candidate:1 1 udp 2122262783 fe80::1 50000 typ host generation 0",
  "a=candidate:2 1 udp 2122194687 192.0.2.7 50001 typ host generation 0",
  "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
  "a=candidate:4 1 udp 1677732095 198.51.100.1 50003 typ srflx",
  "a=end-of-candidates",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=candidate:5 1 UDP 2122194687 127.0.0.1 50004 typ host",
  "",
].join("\r\n");

Deno.test("addressOf() takes a host candidate of UDP, the loopback one first", () => {
  assertEquals(addressOf(SDP), { hostname: "127.0.0.1", port: 50_004 });
  const audio = SDP.slice(0, SDP.indexOf("m=application"));
  assertEquals(addressOf(audio), { hostname: "192.0.2.7", port: 50_001 });
  assertThrows(() => addressOf("v=0\r\n"), Error, "no host candidate");
});

Deno.test("withCandidate() leaves one candidate in each section that had any", () => {
  const lines = withCandidate(SDP, 1234).split("\r\n");
  const candidate = "a=candidate:1 1 udp 2130706431 127.0.0.1 1234 typ host";
  assertEquals(lines, [
    ...SDP.split("\r\n").slice(0, 3),
    candidate,
    "a=end-of-candidates",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    candidate,
    "",
  ]);
  assertEquals(
    withCandidate(SDP.replaceAll("\r\n", "\n"), 1).includes("\r"),
    false,
  );
});

peerTest(
  "addressOf() and withCandidate() read what a real peer offers",
  async () => {
    await using made = await makePeer();
    made.peer.createDataChannel("data");
    const offer = await offerOf(made.peer);
    assertEquals(addressOf(offer).hostname, "127.0.0.1");
    const through = withCandidate(offer, 4321);
    assertEquals(addressOf(through), { hostname: "127.0.0.1", port: 4321 });
    assertEquals(through.match(/a=candidate/g)?.length, 1);
  },
);

import { assertEquals } from "@std/assert";
import { withoutNamedCandidates } from "../../lib/session/named_candidates.ts";

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

Deno.test("withoutNamedCandidates lets a peer be learned of that has only names", () => {
  const sdp = `v=0\n${NAMES[0]}\na=end-of-candidates\na=mid:0\n`;
  assertEquals(withoutNamedCandidates(sdp), "v=0\na=mid:0\n");
  const other = `v=0\n${ADDRESSES[0]}\na=end-of-candidates\n`;
  assertEquals(withoutNamedCandidates(other), other);
});

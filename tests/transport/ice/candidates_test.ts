import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  announceAddress as announce,
  CANDIDATE_SCOPES,
  type CandidateRules,
  filterCandidates as filterLines,
} from "../../../lib/transport/ice/candidates.ts";
import {
  parseDescription,
  writeDescription,
} from "../../../lib/transport/sdp/description.ts";

function filterCandidates(sdp: string, rules: CandidateRules) {
  const { offer, ignored } = filterLines(parseDescription(sdp), rules);
  return { sdp: writeDescription(offer), ignored };
}

function announceAddress(sdp: string, address: string): string {
  return writeDescription(announce(parseDescription(sdp), address));
}

const candidate = (address: string, rest = "typ host", transport = "udp") =>
  `a=candidate:1 1 ${transport} 2122262783 ${address} 50000 ${rest}`;

const offer = (...lines: string[]) =>
  ["v=0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", ...lines, ""]
    .join("\r\n");

const PUBLIC = candidate("203.0.113.5", "typ srflx raddr 0.0.0.0 rport 0");
const PRIVATE = candidate("192.168.1.7");
const LINK_LOCAL = candidate("169.254.169.254");
const LOOPBACK = candidate("127.0.0.1");
const LOOPBACK_IPV6 = candidate("::ffff:127.0.0.1");
const ADDRESSES = [PUBLIC, PRIVATE, LINK_LOCAL, LOOPBACK, LOOPBACK_IPV6];

Deno.test("filterCandidates() takes public and private addresses by default", () => {
  const { sdp, ignored } = filterCandidates(offer(...ADDRESSES), {});
  assertEquals(sdp, offer(PUBLIC, PRIVATE));
  assertEquals(ignored, { "link-local": 1, loopback: 2 });
});

Deno.test("filterCandidates() takes loopback of an offer over loopback", () => {
  const { sdp } = filterCandidates(offer(...ADDRESSES), { loopback: true });
  assertEquals(sdp, offer(PUBLIC, PRIVATE, LOOPBACK, LOOPBACK_IPV6));
});

Deno.test("filterCandidates() takes just what is allowed", () => {
  const filter = (...allow: typeof CANDIDATE_SCOPES[number][]) =>
    filterCandidates(offer(...ADDRESSES), { allow, loopback: true }).sdp;
  assertEquals(filter(), offer(PUBLIC));
  assertEquals(filter("link-local"), offer(PUBLIC, LINK_LOCAL));
  assertEquals(filter(...CANDIDATE_SCOPES), offer(...ADDRESSES));
});

Deno.test("filterCandidates() takes no names, no TCP and nobody's addresses", () => {
  const lines = [
    candidate("example.org"),
    candidate("7b5a1e6c-8a4e-4d5c-9f0e-0a1b2c3d4e5f.local"),
    candidate("203.0.113.5", "typ host tcptype passive", "TCP"),
    candidate("0.0.0.0"),
    candidate("255.255.255.255"),
    candidate("ff02::fb"),
    PUBLIC.replace("50000", "0"),
    PUBLIC.replace("50000", "65536"),
  ];
  const { sdp, ignored } = filterCandidates(offer(...lines, PUBLIC), {
    allow: CANDIDATE_SCOPES.filter((scope) => scope !== "loopback"),
  });
  assertEquals(sdp, offer(PUBLIC));
  assertEquals(ignored, {
    "host name": 2,
    "not UDP": 1,
    "nobody's address": 3,
    "no port": 2,
  });
});

Deno.test("filterCandidates() names a line that is no candidate", () => {
  const lines = [
    PRIVATE.replace(" 192", "  192"),
    PRIVATE.replace("a=c", "a=C").replace("50000 ", ""),
    "a=candidate:",
    "a=candidate:1 1 udp 1 203.0.113.5",
  ];
  for (const line of lines) {
    assertThrows(
      () => filterCandidates(offer(line), {}),
      Error,
      `The line ${line} is no candidate`,
    );
  }
});

Deno.test("filterCandidates() sees a line however it is ended", () => {
  for (const end of ["\n", "\r\n"]) {
    const lines = ["v=0", "m=audio 9 RTP 0", LOOPBACK, PUBLIC, ""].join(end);
    const { sdp } = filterCandidates(lines, {});
    assert(!sdp.includes("127.0.0.1") && sdp.includes(PUBLIC));
  }
});

Deno.test("filterCandidates() says that there are all only where there are", () => {
  const END = "a=end-of-candidates";
  const filter = (...lines: string[]) =>
    filterCandidates(offer(...lines, END), {}).sdp;
  assertEquals(filter(PUBLIC), offer(PUBLIC, END));
  assertEquals(filter(PUBLIC, LOOPBACK), offer(PUBLIC));
  assertEquals(filter(LOOPBACK), offer());
  assertEquals(filter(), offer());
});

Deno.test("announceAddress() announces another address for the machine's own", () => {
  const other = "198.51.100.9";
  const answer = (own: string) =>
    offer(
      `c=IN IP4 ${own}`,
      candidate(own),
      LOOPBACK,
      candidate("fd00::2"),
      candidate("203.0.113.5", "typ relay raddr 10.0.0.2 rport 9"),
    );
  assertEquals(announceAddress(answer("10.0.0.2"), other), answer(other));
  const unset = offer("c=IN IP4 0.0.0.0", candidate("10.0.0.2"));
  assertEquals(
    announceAddress(unset, other),
    offer("c=IN IP4 0.0.0.0", candidate(other)),
  );
  assertEquals(
    announceAddress(offer(candidate("fd00::2"), PRIVATE), "2001:db8::9"),
    offer(candidate("2001:db8::9"), PRIVATE),
  );
});

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkSdp, parseOffer } from "../../lib/serving/offer.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";

const LINES = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuv",
  `a=fingerprint:sha-256 ${Array(32).fill("0F").join(":")}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=sctp-port:5000",
];

const SDP = LINES.join("\r\n") + "\r\n";

function assertRefused(action: () => unknown, detail: string): void {
  const problem = assertThrows(action, HttpProblem);
  assertEquals(problem.status, 400);
  assertEquals(problem.message, detail);
}

const NOTHING_ASKED = {
  resumes: undefined,
  name: undefined,
  machine: undefined,
};

Deno.test("parseOffer() reads an offer", () => {
  const body = JSON.stringify({ type: "offer", sdp: SDP, more: true });
  assertEquals(parseOffer(body), { type: "offer", sdp: SDP, ...NOTHING_ASKED });
});

Deno.test("parseOffer() reads what the session is to be called", () => {
  const offer = { type: "offer", sdp: SDP };
  const named = { name: "robot-7/front", machine: "Jo's PC" };
  const { name, machine } = parseOffer(JSON.stringify({ ...offer, ...named }));
  assertEquals({ name, machine }, named);
  assertRefused(
    () => parseOffer(JSON.stringify({ ...offer, name: "../x" })),
    'The name "../x" can\'t be used: a name has letters, digits and _.- ' +
      "alone, with a letter, a digit or _ first, and / between the parts",
  );
  assertRefused(
    () => parseOffer(JSON.stringify({ ...offer, machine: "x".repeat(256) })),
    "machine has 256 characters, more than a machine's name",
  );
});

Deno.test("parseOffer() reads which session the new one resumes", () => {
  const offer = { type: "offer", sdp: SDP };
  const resumes = "a".repeat(22);
  assertEquals(
    parseOffer(JSON.stringify({ ...offer, resumes })),
    { type: "offer", sdp: SDP, ...NOTHING_ASKED, resumes },
  );
  for (const none of [undefined, null]) {
    assertEquals(
      parseOffer(JSON.stringify({ ...offer, resumes: none })),
      { type: "offer", sdp: SDP, ...NOTHING_ASKED },
    );
  }
  assertRefused(
    () => parseOffer(JSON.stringify({ ...offer, resumes: 5 })),
    "resumes is a number, not a session's id",
  );
});

Deno.test("parseOffer() names a body that is not JSON", () => {
  for (const body of ["", " ", "{", "v=0", "{'sdp': 1}", SDP]) {
    assertRefused(() => parseOffer(body), "The body is not JSON");
  }
});

Deno.test("parseOffer() names JSON that is no object", () => {
  const bodies = ["null", "1", '"v=0"', "[]", "true", "[".repeat(3) + "]]]"];
  for (const body of bodies) {
    assertRefused(
      () => parseOffer(body),
      "The body is not a JSON object with sdp and type",
    );
  }
});

Deno.test("parseOffer() survives JSON of any depth", () => {
  const body = '{"sdp":'.repeat(10_000) + "1" + "}".repeat(10_000);
  assertRefused(() => parseOffer(body), "sdp is a object, not text");
});

Deno.test("parseOffer() names what the SDP is in place of text", () => {
  const values: [unknown, string][] = [
    [undefined, "missing"],
    [null, "null"],
    [5, "a number"],
    [true, "a boolean"],
    [{}, "a object"],
  ];
  for (const [sdp, kind] of values) {
    const body = JSON.stringify({ type: "offer", sdp });
    assertRefused(() => parseOffer(body), `sdp is ${kind}, not text`);
  }
});

Deno.test("parseOffer() names a type that is not offer", () => {
  const values: [unknown, string][] = [
    [undefined, "missing"],
    [null, "null"],
    [1, "a number"],
    ["answer", '"answer"'],
    ["Offer", '"Offer"'],
    ["", '""'],
  ];
  for (const [type, kind] of values) {
    const body = JSON.stringify({ type, sdp: SDP });
    assertRefused(() => parseOffer(body), `type is ${kind}, not "offer"`);
  }
});

Deno.test("parseOffer() is not fooled by names of Object's own", () => {
  const body = `{"__proto__": {"type": "offer", "sdp": "v=0"}}`;
  assertRefused(() => parseOffer(body), "sdp is missing, not text");
});

Deno.test("checkSdp() takes either line end", () => {
  checkSdp(SDP);
  checkSdp(LINES.join("\n"));
});

Deno.test("checkSdp() names an empty SDP", () => {
  for (const sdp of ["", " ", "\r\n\r\n"]) {
    assertRefused(() => checkSdp(sdp), "The SDP is empty");
  }
});

Deno.test("checkSdp() names what is no SDP at all", () => {
  for (const sdp of ["garbage", "V=0\r\n", " v=0", "{}", "v=1\r\nm=a"]) {
    assertRefused(() => checkSdp(sdp), 'The SDP does not begin with "v=0"');
  }
});

Deno.test("checkSdp() names a line that is none of SDP's", () => {
  for (const odd of ["garbage", "=x", "AB=x", "a =x", "\u0000"]) {
    const sdp = [...LINES.slice(0, 3), odd, ...LINES.slice(3)].join("\r\n");
    assertRefused(
      () => checkSdp(sdp),
      "Line 4 of the SDP is not of the form x=value",
    );
  }
});

Deno.test("checkSdp() names what an offer lacks", () => {
  const cases: [start: string, detail: string][] = [
    ["m=", "The SDP has no media section (m=)"],
    ["a=ice-ufrag", "The SDP has no a=ice-ufrag"],
    ["a=ice-pwd", "The SDP has no a=ice-pwd"],
    ["a=fingerprint", "The SDP has no a=fingerprint"],
  ];
  for (const [start, detail] of cases) {
    const lines = LINES.filter((line) => !line.startsWith(start));
    assertRefused(() => checkSdp(lines.join("\r\n")), detail);
  }
});

Deno.test("checkSdp() names fingerprints that can't be used", () => {
  const md5 = `md5 ${Array(16).fill("0F").join(":")}`;
  const lines = LINES.map((line) =>
    line.startsWith("a=fingerprint") ? `a=fingerprint:${md5}` : line
  );
  assertRefused(
    () => checkSdp(lines.join("\r\n")),
    `No a=fingerprint of the SDP's section 1 can be used (${md5}): it needs ` +
      "bytes in hexadecimal with colons, of sha-512, sha-384, sha-256, sha-224",
  );
});

Deno.test("checkSdp() refuses more lines than one peer can need", () => {
  const lines = { "m=": 64, "a=candidate:": 256 };
  for (const [start, most] of Object.entries(lines)) {
    const having = LINES.filter((line) => line.startsWith(start)).length;
    const more = new Array(most - having).fill(`${start}0`);
    checkSdp([...LINES, ...more].join("\r\n"));
    const problem = assertThrows(
      () => checkSdp([...LINES, ...more, `${start}0`].join("\r\n")),
      HttpProblem,
    );
    assertEquals(problem.status, 400);
    assertStringIncludes(problem.message, `${most + 1} lines ${start}`);
  }
});

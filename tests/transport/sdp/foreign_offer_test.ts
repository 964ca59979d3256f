import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  parseDescription,
  SdpError,
  writeDescription,
} from "../../../lib/transport/sdp/description.ts";
import {
  prepareOffer,
  UnusableOfferError,
} from "../../../lib/transport/sdp/foreign_offer.ts";
import type { OfferRules } from "../../../lib/transport/sdp/judge.ts";
import type { TrackFormat } from "../../../lib/transport/sdp/profiles.ts";
import {
  data,
  H264,
  H264_MODE_0,
  H264_REPEATS,
  H266,
  media,
  offer,
  OPUS,
  VP8,
  VP8_REPEATS,
} from "./offers.ts";

function prepare(sdp: string, rules?: OfferRules) {
  const prepared = prepareOffer(parseDescription(sdp), rules);
  return { ...prepared, sdp: writeDescription(prepared.description) };
}

const ALL = [H266, VP8, VP8_REPEATS, H264_MODE_0, H264, H264_REPEATS];
const one = (more: string[] = []) =>
  offer(["a=group:BUNDLE 0"], [
    media("video", { mid: "0", formats: [...ALL], more }),
  ]);

Deno.test("one format of each codec is left, with all that is said of it", () => {
  const kept = [
    "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtcp-fb:* transport-cc",
    "a=ssrc:5 cname:x",
  ];
  const { sdp } = prepare(one([
    ...kept,
    ...["a=rid:h send", "a=simulcast:send h;l", "a=rtcp-fb:45 nack pli"],
  ]));
  const due = offer(["a=group:BUNDLE 0"], [
    media("video", {
      mid: "0",
      formats: [VP8, VP8_REPEATS, H264, H264_REPEATS],
      more: kept,
    }),
  ]);
  assertEquals(sdp, due);
});

Deno.test("tracks go to the sections that take them, each once", () => {
  const section = (mid: string, ...formats: [number, string, string?][]) =>
    media("video", { mid, formats, direction: "recvonly" });
  const sdp = offer(["a=group:BUNDLE a b c d"], [
    section("a", VP8, H264),
    section("b", H264, VP8),
    section("c", VP8),
    media("audio", { mid: "d", formats: [OPUS] }),
  ]);
  const { tracks, unused, sdp: prepared } = prepare(sdp, {
    tracks: [
      { codec: "opus" },
      { codec: "H264" },
      undefined,
      { codec: "VP8" },
    ],
  });
  assertEquals([...tracks], [["a", 1], ["b", 3]]);
  assertEquals(unused, [
    { mid: "c", kind: "video", why: "the session has no more video" },
    { mid: "d", kind: "audio", why: "it takes nothing" },
  ]);
  assertEquals(prepared.match(/^a=rtpmap:.*(?=\r)/gm), [
    "a=rtpmap:102 H264/90000",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:111 opus/48000/2",
  ]);
});

Deno.test("a section gets the transport and candidates of its bundle", () => {
  const sdp = offer(["a=group:BUNDLE t a"], [
    media("text", { mid: "t", formats: [[98, "t140/1000"]] }),
    media("audio", {
      ...{ mid: "a", formats: [OPUS], transport: false, port: 0 },
      more: ["a=bundle-only"],
    }),
  ]);
  const { description: { session, sections } } = prepare(sdp);
  assertEquals(session.at(-1), "a=group:BUNDLE a");
  assertEquals(sections.length, 1);
  assertEquals(
    sections[0].filter((line) =>
      /^(m|a=(ice|fingerprint|setup|candidate))/.test(line)
    ).map((line) => line.split(/[ :]/)[0]),
    [
      ...["m=audio", "a=ice-ufrag", "a=ice-pwd", "a=fingerprint"],
      ...["a=setup", "a=candidate"],
    ],
  );
  assert(sections[0][0].startsWith("m=audio 9 "));
});

Deno.test("where no role is said, either is taken", () => {
  const sdp = offer([], [data()]).replace("a=setup:actpass\r\n", "");
  const [section] = prepare(sdp).description.sections;
  assertEquals(section.filter((line) => /setup/.test(line)), [
    "a=setup:actpass",
  ]);
});

Deno.test("names are given that no other section has", () => {
  const sdp = offer(["a=group:BUNDLE 0 1"], [
    media("video", { mid: "0", formats: [VP8] }),
    data({ mid: "1" }),
    media("audio", { formats: [OPUS] }),
  ]);
  const { unused, description } = prepare(sdp);
  assertEquals(unused, [{
    ...{ mid: null, kind: "audio" },
    why: "it is not in a BUNDLE group with the others",
  }]);
  assertEquals(description.sections.length, 2);
});

Deno.test("two sections of one name are refused", () => {
  const sdp = offer([], [data({ mid: "0" }), data({ mid: "0" })]);
  assertThrows(
    () => prepare(sdp),
    SdpError,
    "Two sections of the offer have the name 0",
  );
});

Deno.test("what is said of an offer that can't be used is bounded", () => {
  const long = "x".repeat(5_000);
  const sections = Array.from({ length: 60 }, (_, i) =>
    media("video", {
      mid: `${long}${i}`,
      formats: Array.from({ length: 50 }, (_, j) => [j, `${long}${j}/1`]),
    }));
  const { message } = assertThrows(
    () => prepare(offer([], sections)),
    UnusableOfferError,
  );
  assert(message.length < 2_000, `${message.length} characters`);
  const { unused } = prepare(offer([], [data(), ...sections]));
  assertEquals(unused.length, 60);
  assert(JSON.stringify(unused).length < 30_000);
});

const REPEATED: Record<string, (index: number) => string> = {
  "a=ssrc": (i) => `a=ssrc:${i} cname:x`,
  "a=ssrc-group": (i) => `a=ssrc-group:FID ${i} ${i + 1}`,
  "a=rtpmap": () => "a=rtpmap:96 VP8/90000",
  "a=fmtp": () => "a=fmtp:96 x=1",
  "a=rtcp-fb": () => "a=rtcp-fb:96 nack",
  "a=extmap": (i) => `a=extmap:${i % 200} urn:x:${i}`,
  "a=fingerprint": () => "a=fingerprint:sha-256 AA",
  "a=x-unknown": (i) => `a=x-unknown:${i}`,
  "b=": () => "b=AS:1",
};

for (const [name, line] of Object.entries(REPEATED)) {
  Deno.test(`of 4000 lines ${name} werift sees a few`, () => {
    const more = Array.from({ length: 4000 }, (_, i) => line(i));
    const sdp = offer(["a=group:BUNDLE 0"], [
      media("video", { mid: "0", formats: [VP8], more }),
    ]);
    const { description } = prepare(sdp);
    const lines = description.sections.flat();
    assert(lines.length < 100, `${lines.length}`);
    assert(lines.includes("a=rtpmap:96 VP8/90000"));
  });
}

Deno.test("of more media sections than are taken the first are used", () => {
  const mids = Array.from({ length: 20 }, (_, i) => `m${i}`);
  const sdp = offer([`a=group:BUNDLE ${mids.join(" ")} d`], [
    ...mids.map((mid) => media("video", { mid, formats: [VP8] })),
    data({ mid: "d" }),
  ]);
  const { description, unused } = prepare(sdp);
  assertEquals(description.sections.length, 17);
  assertEquals(unused.map(({ mid, why }) => [mid, why]), [
    ...mids.slice(16).map((mid) => [mid, "there are 16 of media before it"]),
  ]);
});

Deno.test("formats of a section are read up to as many as RTP has", () => {
  const formats = Array.from({ length: 20_000 }, (_, i) => `${1000 + i}`);
  const sdp = offer(["a=group:BUNDLE 0"], [
    media("video", { mid: "0", formats: [VP8] }),
  ]).replace(/^(m=video .*)$/m, `$1 96 96 ${formats.join(" ")}`);
  const { description } = prepare(sdp);
  assertEquals(description.sections[0][0], "m=video 9 UDP/TLS/RTP/SAVPF 96");
});

const PASSED: [number, string, string?][] = [
  ...[VP8, VP8_REPEATS, H264, H264_REPEATS],
  [45, "AV1/90000", "level-idx=5;profile=0;tier=0"],
  [46, "rtx/90000", "apt=45"],
  [47, "AV1/90000", "profile=1"],
  [98, "VP9/90000", "profile-id=0"],
  [99, "rtx/90000", "apt=98"],
  [100, "VP9/90000", "profile-id=2"],
  [49, "H265/90000", "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST"],
  [50, "rtx/90000", "apt=49"],
  [51, "H265/90000", "profile-id=1;sprop-max-don-diff=2"],
];
const watching = (formats = PASSED) =>
  offer(["a=group:BUNDLE 0"], [
    media("video", { mid: "0", formats, direction: "recvonly" }),
    data(),
  ]).replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 1")
    .replace("a=sctp-port", "a=mid:1\r\na=sctp-port");

Deno.test("all codecs of a publisher are left, each with its repeats", () => {
  const sdp = offer(["a=group:BUNDLE 0"], [
    media("video", { mid: "0", formats: PASSED }),
  ]);
  assertEquals(prepare(sdp).sdp.match(/(?<=^a=rtpmap:)\d+/gm), [
    ...["96", "97", "102", "103", "45", "46", "98", "99", "49", "50"],
  ]);
});

/** What a stream is in, and the format that it goes to. */
const MATCHES: [TrackFormat, format: string | undefined][] = [
  [{ codec: "VP9" }, "98"],
  [{ codec: "VP9", profile: { profile: 0 } }, "98"],
  [{ codec: "VP9", profile: { profile: 2 } }, "100"],
  [{ codec: "VP9", profile: { profile: 1 } }, undefined],
  [{ codec: "AV1", profile: { profile: 0 } }, "45"],
  [{ codec: "AV1", profile: { profile: 1 } }, "47"],
  [{ codec: "AV1", profile: { profile: 2 } }, undefined],
  [{ codec: "H265", profile: { profile: 1, level: 93, tier: 0 } }, "49"],
  [{ codec: "H265", profile: { profile: 1, level: 120 } }, undefined],
  [{ codec: "H265", profile: { profile: 1, tier: 1 } }, undefined],
  [{ codec: "H265", profile: { profile: 2, level: 60 } }, undefined],
];

for (const [track, format] of MATCHES) {
  const { codec, profile } = track;
  Deno.test(`${codec} ${JSON.stringify(profile)} goes to ${format}`, () => {
    const { tracks, untaken, sdp } = prepare(watching(), { tracks: [track] });
    if (format !== undefined) {
      assertEquals(untaken, []);
      assert(sdp.includes(`m=video 9 UDP/TLS/RTP/SAVPF ${format}`));
      return;
    }
    assertEquals(tracks.size, 0);
    assertEquals(untaken.map(({ track, kind }) => [track, kind]), [
      [0, "video"],
    ]);
    assertEquals(untaken[0].codec, codec);
  });
}

Deno.test("why a track isn't taken is said with both sides' profiles", () => {
  const { untaken } = prepare(watching([VP8, PASSED[10]]), {
    tracks: [{ codec: "H265", profile: { profile: 2, level: 120 } }],
  });
  assertEquals(
    untaken[0].reason,
    "the video is H.265 (profile 2 at level 4), and the offer has VP8, " +
      "H265 (profile 1 at level 3.1)",
  );
  // One that takes no video at all is told nothing.
  const points = offer(["a=group:BUNDLE 1"], [data({ mid: "1" })]);
  assertEquals(prepare(points, { tracks: [{ codec: "AV1" }] }).untaken, []);
});

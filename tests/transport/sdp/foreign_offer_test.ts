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
import { quickest } from "../../cost.ts";
import type { OfferRules } from "../../../lib/transport/sdp/judge.ts";
import {
  AV1,
  data,
  H264,
  H264_MODE_0,
  H264_REPEATS,
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

const ALL = [AV1, VP8, VP8_REPEATS, H264_MODE_0, H264, H264_REPEATS];
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
    tracks: ["opus", "H264", undefined, "VP8"],
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

Deno.test("ten times the formats take ten times as long, and not a hundred", async () => {
  const prepareWith = (count: number) => {
    const formats = Array.from({ length: count }, (_, i): [number, string] => [
      ...[i + 200, "rtx/90000"] as const,
    ]);
    const section = media("video", { mid: "0", formats: [VP8, ...formats] });
    const sdp = offer([], [section]);
    return () => prepare(sdp);
  };
  const few = await quickest(prepareWith(300));
  const most = 40 * few;
  const many = await quickest(prepareWith(3_000), most);
  assert(many <= most, `${many} ms instead of ${few} ms`);
});

/**
 * Offers whose lines end as no offer's do: with every line end and mixture, in
 * capitals, twice, in another order, and thousands of a kind.
 */
import fc from "fast-check";
import {
  data,
  H264,
  H264_MODE_0,
  H264_REPEATS,
  H266,
  media,
  offer,
  OFFERS,
  OPUS,
  PCMU,
  VP8,
  VP8_REPEATS,
} from "../transport/sdp/offers.ts";

/** What someone somewhere takes for the end of a line, and what nobody does. */
const LINE_ENDS = [
  ...["\r\n", "\n", "\r", "\n\r", "\r\r\n", "\r\n\r\n", " \r\n", "\t\n", ""],
  ...["\u2028", "\u2029", "\x85", "\v", "\f", "\0", "\x1e", "\\r\\n", "\ufeff"],
];

/** Lines that something is made for, by what they begin with. */
const COSTLY = [
  ...["a=candidate:", "a=ssrc:", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"],
  ...["a=extmap:", "a=mid:", "a=group:", "a=fingerprint:", "a=ice-ufrag:"],
  ...["a=setup:", "a=msid:", "a=rid:", "a=ssrc-group:", "a=sctp-port:"],
  ...["m=video", "m=audio", "m=application", "a=end-of-candidates", "c=", "b="],
];

/** Candidates that no offer may have, and some that it may. */
const CANDIDATES = [
  "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
  "a=candidate:1 1 udp 2130706431 169.254.169.254 80 typ host",
  "a=candidate:1 1 udp 2130706431 [::1] 80 typ host",
  "a=candidate:1 1 udp 2130706431 ::ffff:127.0.0.1 80 typ host",
  "a=candidate:1 1 udp 2130706431 internal.example 80 typ host",
  "a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
  "a=candidate:1 1 udp 1 10.0.0.1 1 typ relay raddr 127.0.0.1 rport 1",
  "a=candidate:1 1 udp 1 0x7f000001 1 typ host",
  "a=candidate:",
  "a=candidate",
];

/** What is done to the lines of an offer; places are shares of its length. */
type Edit =
  | { kind: "case"; line: number; how: "upper" | "title" | "attribute" }
  | { kind: "move"; from: number; to: number }
  | { kind: "drop"; line: number }
  | { kind: "many"; begins: string; times: number; differ: boolean }
  | { kind: "break"; line: number; at: number; end: string }
  | { kind: "smuggle"; line: number; end: string; smuggled: string }
  | { kind: "long"; line: number; letters: number }
  | { kind: "space"; line: number; how: "before" | "after" | "equals" };

/** An offer, and what is done to it. */
export interface OfferModel {
  base: number;
  edits: Edit[];
  /** Used in turn, most often one alone. */
  ends: string[];
  /** Whether the last line ends. */
  endsWhole: boolean;
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const lineEnd = fc.constantFrom(...LINE_ENDS);
const times = fc.oneof(
  { arbitrary: fc.integer({ min: 2, max: 40 }), weight: 5 },
  { arbitrary: fc.integer({ min: 40, max: 600 }), weight: 3 },
  { arbitrary: fc.integer({ min: 600, max: 8_000 }), weight: 3 },
  { arbitrary: fc.constant(20_000), weight: 1 },
);

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant("case" as const),
    line: share,
    how: fc.constantFrom("upper", "title", "attribute"),
  }),
  fc.record({ kind: fc.constant("move" as const), from: share, to: share }),
  fc.record({ kind: fc.constant("drop" as const), line: share }),
  {
    arbitrary: fc.record({
      kind: fc.constant("many" as const),
      begins: fc.constantFrom(...COSTLY),
      times,
      differ: fc.boolean(),
    }),
    weight: 4,
  },
  fc.record({
    ...{ kind: fc.constant("break" as const), line: share, at: share },
    end: lineEnd,
  }),
  fc.record({
    kind: fc.constant("smuggle" as const),
    line: share,
    end: lineEnd,
    smuggled: fc.oneof(
      fc.constantFrom(...CANDIDATES),
      fc.constantFrom(...CANDIDATES).map((line) => line.toUpperCase()),
      fc.constantFrom("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-lite", "x"),
    ),
  }),
  fc.record({
    ...{ kind: fc.constant("long" as const), line: share },
    letters: fc.constantFrom(255, 4096, 65_536, 300_000),
  }),
  fc.record({
    ...{ kind: fc.constant("space" as const), line: share },
    how: fc.constantFrom("before", "after", "equals"),
  }),
);

/** Any offer: most have few edits, and one line end. */
export const anyOffer: fc.Arbitrary<OfferModel> = fc.record({
  base: fc.nat(99),
  edits: fc.array(anyEdit, { maxLength: 4, size: "max" }),
  ends: fc.oneof(
    fc.constant("\r\n").map((end) => [end]),
    lineEnd.map((end) => [end]),
    // A mixture that is mostly sound.
    lineEnd.map((end) => ["\r\n", "\r\n", "\n", "\r\n", end]),
    fc.array(lineEnd, { minLength: 2, maxLength: 5 }),
  ),
  endsWhole: fc.boolean(),
});

/** Writes the offer. */
export function writeOffer(
  offers: readonly string[],
  { base, edits, ends, endsWhole }: OfferModel,
): string {
  const lines = offers[base % offers.length].split(/\r?\n/).filter(Boolean);
  for (const edit of edits) apply(edit, lines);
  const text = lines.map((line, i) => line + ends[i % ends.length]).join("");
  const last = ends[(lines.length - 1) % ends.length];
  return endsWhole || last === "" ? text : text.slice(0, -last.length);
}

function apply(edit: Edit, lines: string[]): void {
  const index = (share: number) =>
    Math.min(lines.length - 1, Math.floor(share * lines.length));
  if (lines.length === 0) return;
  switch (edit.kind) {
    case "case":
      lines[index(edit.line)] = inCase(lines[index(edit.line)], edit.how);
      break;
    case "move":
      lines.splice(index(edit.to), 0, ...lines.splice(index(edit.from), 1));
      break;
    case "drop":
      lines.splice(index(edit.line), 1);
      break;
    case "many":
      repeat(edit, lines);
      break;
    case "break": {
      const at = index(edit.line);
      const line = lines[at];
      const place = Math.floor(edit.at * line.length);
      lines[at] = line.slice(0, place) + edit.end + line.slice(place);
      break;
    }
    case "smuggle":
      lines[index(edit.line)] += edit.end + edit.smuggled;
      break;
    case "long":
      lines[index(edit.line)] += " x".repeat(edit.letters / 2);
      break;
    case "space": {
      const at = index(edit.line);
      const line = lines[at];
      const spaced = { before: ` ${line}`, after: `${line} ` };
      lines[at] = edit.how === "equals"
        ? line.replace("=", "= ")
        : spaced[edit.how];
    }
  }
}

function inCase(line: string, how: "upper" | "title" | "attribute"): string {
  if (how === "upper") return line.toUpperCase();
  return line.replace(
    /^(a=)([a-z])([^:]*)/,
    (_, start, first, rest) =>
      start + first.toUpperCase() +
      (how === "attribute" ? rest.toUpperCase() : rest),
  );
}

/** Repeats the first line of a kind, as it is or with other numbers. */
function repeat(
  { begins, times, differ }: Edit & { kind: "many" },
  lines: string[],
): void {
  const found = lines.findIndex((line) => line.startsWith(begins));
  const at = found < 0 ? lines.length - 1 : found;
  const line = found < 0 ? `${begins}1 1` : lines[found];
  const copies = Array.from(
    { length: times },
    (_, i) => differ ? line.replace(/\d+/, `${i + 2}`) : line,
  );
  lines.splice(at + 1, 0, ...copies);
}

/** Offers such as programs of many makers send. */
export function realOffers(): string[] {
  return [...Object.values(OFFERS).map(({ sdp }) => sdp), asChromium, asAiortc];
}

const EXTENSIONS = [
  ...["urn:ietf:params:rtp-hdrext:toffset", "urn:3gpp:video-orientation"],
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  "urn:ietf:params:rtp-hdrext:sdes:mid",
].map((uri, i) => `a=extmap:${i + 1} ${uri}`);

const SOURCES = [
  ...["a=msid:s v", "a=ssrc-group:FID 1001 1002", "a=ssrc:1001 cname:c"],
  ...["a=ssrc:1001 msid:s v", "a=ssrc:1002 cname:c", "a=rtcp-rsize"],
];

const asChromium = offer(
  [
    ...["a=group:BUNDLE 0 1 2", "a=extmap-allow-mixed"],
    "a=msid-semantic: WMS s",
  ],
  [
    media("audio", {
      ...{ mid: "0", direction: "sendrecv", formats: [OPUS, PCMU] },
      more: [...EXTENSIONS, "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-options:trickle"],
    }),
    media("video", {
      ...{ mid: "1", direction: "sendrecv" },
      formats: [VP8, VP8_REPEATS, H264, H264_REPEATS, H264_MODE_0, H266],
      more: [
        ...[...EXTENSIONS, ...SOURCES],
        ...["nack pli", "ccm fir", "goog-remb", "transport-cc"]
          .map((feedback) => `a=rtcp-fb:96 ${feedback}`),
      ],
    }),
    data({ mid: "2", more: ["a=max-message-size:262144"] }),
  ],
);

const asAiortc = offer(["a=group:BUNDLE 0", "a=msid-semantic:WMS *"], [
  data({
    mid: "0",
    more: [
      "a=max-message-size:65536",
      ...[10, 172, 192, 203].map((first, i) =>
        `a=candidate:${i}ab 1 udp 2130706431 ${first}.168.0.${i} 5000 typ host`
      ),
      "a=candidate:9ab 1 udp 1694498815 198.51.100.1 5001 typ srflx " +
      "raddr 10.168.0.0 rport 5000",
      "a=end-of-candidates",
    ],
  }),
]);

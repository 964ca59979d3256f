/** Offers of kinds that other programs make, in as few lines as show it. */
import { ROOT } from "../../support.ts";

const TRANSPORT = [
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  `a=fingerprint:sha-256 ${Array(32).fill("0F").join(":")}`,
  "a=setup:actpass",
];
const CANDIDATE = "a=candidate:1 1 udp 2130706431 127.0.0.1 54321 typ host";

/** Lines of a section besides its `m=` and its transport. */
export interface SectionOptions {
  /** @default {9} */
  port?: number;
  mid?: string;
  /** @default {"sendonly"} */
  direction?: string;
  /** Its formats: payload type, encoding and parameters. */
  formats?: [type: number, encoding: string, parameters?: string][];
  /** @default {"UDP/TLS/RTP/SAVPF"} */
  protocol?: string;
  /** Whether it has what its transport is said by. @default {true} */
  transport?: boolean;
  more?: string[];
}

/** Writes a section of audio or video. */
export function media(kind: string, options: SectionOptions): string[] {
  const { port = 9, mid, direction = "sendonly", formats = [] } = options;
  const { protocol = "UDP/TLS/RTP/SAVPF", transport = true } = options;
  return [
    `m=${kind} ${port} ${protocol} ${formats.map(([type]) => type).join(" ")}`,
    "c=IN IP4 0.0.0.0",
    ...transport ? TRANSPORT : [],
    ...mid === undefined ? [] : [`a=mid:${mid}`],
    ...direction === "" ? [] : [`a=${direction}`],
    "a=rtcp-mux",
    ...formats.flatMap(([type, encoding, parameters]) => [
      `a=rtpmap:${type} ${encoding}`,
      `a=rtcp-fb:${type} nack`,
      ...parameters === undefined ? [] : [`a=fmtp:${type} ${parameters}`],
    ]),
    ...options.more ?? [],
  ];
}

/** Writes a section of data channels. */
export function data(
  { port = 9, mid, transport = true, more = [] }: SectionOptions = {},
): string[] {
  return [
    `m=application ${port} UDP/DTLS/SCTP webrtc-datachannel`,
    "c=IN IP4 0.0.0.0",
    ...transport ? TRANSPORT : [],
    ...mid === undefined ? [] : [`a=mid:${mid}`],
    "a=sctp-port:5000",
    ...more,
  ];
}

/** Writes an offer; the first section has the candidate. */
export function offer(
  session: string[],
  [first, ...sections]: string[][],
): string {
  return [
    ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"],
    ...[session, first, CANDIDATE, sections].flat(2),
    "",
  ].join("\r\n");
}

export const VP8 = [96, "VP8/90000"] as [number, string];
export const VP8_REPEATS = [97, "rtx/90000", "apt=96"] as [
  number,
  string,
  string,
];
export const H264 = [
  102,
  "H264/90000",
  "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
] as [number, string, string];
export const H264_MODE_0 = [
  108,
  "H264/90000",
  "profile-level-id=42e01f",
] as [number, string, string];
export const H264_REPEATS = [103, "rtx/90000", "apt=102"] as [
  number,
  string,
  string,
];
export const H266 = [45, "H266/90000"] as [number, string];
export const OPUS = [111, "opus/48000/2", "useinbandfec=1"] as [
  number,
  string,
  string,
];
export const PCMU = [0, "PCMU/8000"] as [number, string];

const BUNDLE_ONLY = { port: 0, more: ["a=bundle-only"] };

/** An offer, and what its answer is. */
export interface OfferCase {
  sdp: string;
  /** Of each section: kind, name, direction and encodings; or rejected. */
  answer: string[] | "unusable";
  /** Sections that are named as not used, by their place. */
  unused?: number[];
}

/** Offers to publish, by what is special about them. */
export const OFFERS: Record<string, OfferCase> = {
  "sections that are only in a bundle": {
    sdp: offer(["a=group:BUNDLE v a d"], [
      media("video", { mid: "v", formats: [VP8] }),
      media("audio", { mid: "a", formats: [OPUS], ...BUNDLE_ONLY }),
      data({ mid: "d", ...BUNDLE_ONLY }),
    ]),
    answer: [
      "video v recvonly VP8",
      "audio a recvonly opus",
      "application d",
    ],
  },
  "sections that leave their transport to the first": {
    sdp: offer(["a=group:BUNDLE v a"], [
      media("video", { mid: "v", formats: [VP8] }),
      media("audio", {
        ...{ mid: "a", formats: [OPUS], transport: false },
        ...BUNDLE_ONLY,
      }),
    ]),
    answer: ["video v recvonly VP8", "audio a recvonly opus"],
  },
  "several codecs": {
    sdp: offer(["a=group:BUNDLE 0"], [
      media("video", {
        mid: "0",
        formats: [
          ...[H266, VP8, VP8_REPEATS, H264_MODE_0, H264, H264_REPEATS],
        ],
      }),
    ]),
    answer: ["video 0 recvonly VP8 H264"],
  },
  "H.264 of packetization-mode 0 alone": {
    sdp: offer(["a=group:BUNDLE 0"], [
      media("video", { mid: "0", formats: [H266, H264_MODE_0] }),
    ]),
    answer: ["video 0 recvonly H264"],
  },
  "simulcast": {
    sdp: offer(["a=group:BUNDLE 0"], [
      media("video", {
        ...{ mid: "0", formats: [VP8, VP8_REPEATS] },
        more: ["a=rid:h send", "a=rid:l send", "a=simulcast:send h;l"],
      }),
    ]),
    answer: ["video 0 recvonly VP8"],
  },
  "no codec that is taken": {
    sdp: offer(["a=group:BUNDLE 0 1"], [
      media("video", { mid: "0", formats: [H266] }),
      media("audio", { mid: "1", formats: [PCMU] }),
    ]),
    answer: "unusable",
  },
  "a codec that isn't taken, first of a bundle": {
    sdp: offer(["a=group:BUNDLE 0 1"], [
      media("video", { mid: "0", formats: [H266] }),
      media("audio", { mid: "1", formats: [OPUS] }),
    ]),
    answer: ["video 0 inactive H266", "audio 1 recvonly opus"],
    unused: [0],
  },
  "a codec that isn't taken, and a kind that isn't": {
    sdp: offer(["a=group:BUNDLE 1 0 2"], [
      media("video", { mid: "0", formats: [H266] }),
      media("audio", { mid: "1", formats: [OPUS] }),
      media("text", { mid: "2", formats: [[98, "t140/1000"]] }),
    ]),
    answer: [
      "video 0 rejected",
      "audio 1 recvonly opus",
      "text 2 rejected",
    ],
    unused: [0, 2],
  },
  "a section that takes and doesn't send": {
    sdp: offer(["a=group:BUNDLE 0 1"], [
      media("video", { mid: "0", formats: [VP8], direction: "recvonly" }),
      media("audio", { mid: "1", formats: [OPUS] }),
    ]),
    answer: ["video 0 inactive VP8", "audio 1 recvonly opus"],
    unused: [0],
  },
  "nothing but sections that don't send": {
    sdp: offer(["a=group:BUNDLE 0"], [
      media("video", { mid: "0", formats: [VP8], direction: "recvonly" }),
    ]),
    answer: "unusable",
  },
  "a section that is off": {
    sdp: offer(["a=group:BUNDLE 1"], [
      media("audio", { mid: "1", formats: [OPUS] }),
      media("video", { mid: "0", formats: [VP8], port: 0 }),
    ]),
    answer: ["audio 1 recvonly opus", "video 0 rejected"],
    unused: [1],
  },
  "one section without a name": {
    sdp: offer([], [media("audio", { formats: [OPUS], direction: "" })]),
    answer: ["audio - recvonly opus"],
  },
  "sections without names, of which one transport takes one": {
    sdp: offer([], [
      media("video", { formats: [H266] }),
      media("audio", { formats: [OPUS] }),
      media("video", { formats: [VP8] }),
    ]),
    answer: ["video - rejected", "audio - recvonly opus", "video - rejected"],
    unused: [0, 2],
  },
  "two bundles": {
    sdp: offer(["a=group:BUNDLE a b", "a=group:BUNDLE c"], [
      media("video", { mid: "a", formats: [VP8] }),
      media("audio", { mid: "b", formats: [OPUS] }),
      data({ mid: "c" }),
    ]),
    answer: [
      "video a recvonly VP8",
      "audio b recvonly opus",
      "application c rejected",
    ],
    unused: [2],
  },
  "the direction of the session": {
    sdp: offer(["a=sendonly", "a=group:BUNDLE 0"], [
      media("audio", { mid: "0", formats: [OPUS], direction: "" }),
    ]),
    answer: ["audio 0 recvonly opus"],
  },
};

/** Offers of other programs' users, and what is answered to them. */
const SHARED: Record<string, Omit<OfferCase, "sdp">> = {
  "av1-only.sdp": { answer: ["video 0 recvonly AV1"] },
  "bundle-only-min.sdp": {
    answer: ["audio 0 recvonly opus", "video 1 recvonly VP8"],
  },
  "chromium-max-bundle-trickle-offer.sdp": {
    answer: ["audio 0 recvonly opus", "video 1 recvonly VP8 H264 VP9 AV1"],
  },
  "chromium-simulcast-offer.sdp": {
    answer: ["audio 0 recvonly opus", "video 1 recvonly VP8"],
  },
  "firefox-max-bundle-offer.sdp": {
    answer: ["audio 0 recvonly opus", "video 1 recvonly VP8 VP9 AV1"],
  },
  "gst-max-bundle-offer.sdp": {
    answer: [
      "video video0 recvonly H264",
      "audio audio1 recvonly OPUS",
      "application application2",
    ],
  },
  "pion-vp8+h264-offer.sdp": {
    answer: ["video 0 recvonly VP8 H264 VP9", "audio 1 recvonly opus"],
  },
};

/** Those that are there, with their contents; `undefined` where they aren't. */
export const SHARED_OFFERS: [name: string, OfferCase | undefined][] = Object
  .entries(SHARED).map(([name, due]) => {
    const sdp = readOffer(name);
    return [name, sdp === undefined ? undefined : { ...due, sdp }];
  });

function readOffer(name: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(
      `${ROOT}../shared/cases/offers/${name}`,
    );
    // The record of Pion's has line ends of its own, and the answer after it.
    return text.replaceAll(/\r+\n/g, "\r\n").split("\r\n\r\n")[0] + "\r\n";
  } catch {
    return undefined;
  }
}

/** Says of each section of an answer what `OfferCase.answer` says. */
export function outlineOf(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m).slice(1).map((section) => {
    const [, kind, port] = /^m=(\S+) (\d+)/.exec(section)!;
    const mid = /^a=mid:(.*?)\r$/m.exec(section)?.[1] ?? "-";
    if (port === "0") return `${kind} ${mid} rejected`;
    const [direction] =
      /(?<=^a=)(sendrecv|sendonly|recvonly|inactive)/m.exec(section) ?? [];
    const encodings = [...section.matchAll(/^a=rtpmap:\d+ ([^/]+)/gm)]
      .map(([, name]) => name).filter((name) => name !== "rtx");
    return [kind, mid, direction, ...encodings]
      .filter((part) => part !== undefined).join(" ");
  });
}

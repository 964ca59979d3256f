/** Offers of peers that are nowhere. */
import { randomId } from "../../lib/session/random_id.ts";

/** What such an offer has besides what it must. */
export interface OfferParts {
  /** Lines of its data section, in place of its one candidate. */
  lines?: readonly string[];
  /** Media sections besides, each with its lines. */
  sections?: readonly (readonly string[])[];
  /** Hash function and fingerprint of its certificate. */
  fingerprint?: string;
}

const FINGERPRINT = `sha-256 ${Array(32).fill("AB").join(":")}`;

/** Makes a proper offer of a peer that is nowhere. */
export function deadOffer(
  { lines, sections = [], fingerprint = FINGERPRINT }: OfferParts = {},
): string {
  const mids = [0, ...sections.map((_, i) => i + 1)];
  return [
    ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"],
    `a=group:BUNDLE ${mids.join(" ")}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ...["c=IN IP4 0.0.0.0", "a=mid:0", "a=sctp-port:5000"],
    ...["a=setup:actpass", `a=ice-ufrag:${randomId().slice(0, 4)}`],
    `a=ice-pwd:${randomId()}`,
    `a=fingerprint:${fingerprint}`,
    ...lines ?? [candidate("127.0.0.1", 9)],
    ...["a=end-of-candidates", ...sections.flat(), ""],
  ].join("\r\n");
}

/** A line that names an address to send checks to. */
export function candidate(address: string, port: number): string {
  return `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`;
}

/** A section of video that is sent, with more lines. */
export function videoSection(
  mid: number,
  lines: readonly string[] = [],
): string[] {
  return [
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    ...["c=IN IP4 0.0.0.0", `a=mid:${mid}`, "a=sendonly", "a=rtcp-mux"],
    ...["a=setup:actpass", "a=rtpmap:96 VP8/90000", ...lines],
  ];
}

/**
 * SCTP's set-up within the session descriptions, SNAP
 * (draft-hancke-tsvwg-snap-00). Where both of them have an INIT chunk, as
 * `a=sctp-init`, the association is up as soon as DTLS is, without its four
 * messages, which take two round trips.
 */
import type { RTCPeerConnection } from "werift";
import { associationOf } from "./install.ts";
import { MAX_INIT_BYTES, readInit, writeInit } from "./sctp/init_chunk.ts";
import { parseDescription, writeDescription } from "./sdp/description.ts";
import { attributeOf, mediaLineOf, withoutAttributes } from "./sdp/section.ts";
import type { Init } from "./werift/association.ts";

const NAME = "sctp-init";
/** Characters of the longest INIT that is read, in base64. */
const MAX_CHARACTERS = 4 * Math.ceil(MAX_INIT_BYTES / 3);

/**
 * Puts the INIT of a peer connection into its own description. An answer may
 * have it only where the offer has one that `takeSctpInit` took.
 *
 * @returns the SDP as it is, where there is no association of ours.
 */
export function withSctpInit(peer: RTCPeerConnection, sdp: string): string {
  const association = associationOf(peer);
  if (association === undefined) return sdp;
  const line = `a=${NAME}:${writeInit(association.init).toBase64()}`;
  const { session, sections } = parseDescription(sdp);
  return writeDescription({
    session,
    sections: sections.map((section) =>
      hasChannels(section)
        ? [...withoutAttributes(section, NAME), line]
        : section
    ),
  });
}

/**
 * Takes the INIT in the other side's description, before DTLS is up. An offer's
 * is to be answered with `withSctpInit` then. Without one, or where it can't be
 * read, the association is set up as ever.
 *
 * @returns whether there is one.
 */
export function takeSctpInit(peer: RTCPeerConnection, sdp: string): boolean {
  const association = associationOf(peer);
  const init = sctpInitIn(sdp);
  if (association === undefined || init === undefined) return false;
  // libdatachannel up to 0.24 answers with attributes that it doesn't know:
  // with what it was offered (its issue 1620).
  if (init.tag === association.localVerificationTag) return false;
  association.startWith(init);
  return true;
}

function sctpInitIn(sdp: string): Init | undefined {
  const section = parseDescription(sdp).sections.find(hasChannels);
  const text = section && attributeOf(section, NAME);
  if (text === undefined || text.length > MAX_CHARACTERS) return undefined;
  try {
    return readInit(Uint8Array.fromBase64(text.trim()));
  } catch {
    return undefined;
  }
}

function hasChannels(section: readonly string[]): boolean {
  const { kind, port, formats } = mediaLineOf(section);
  return kind === "application" && port !== 0 &&
    formats.includes("webrtc-datachannel");
}

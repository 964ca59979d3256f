import type { RTCPeerConnection } from "werift";
import { foreignText } from "../foreign_text.ts";
import type { Logger } from "../log.ts";
import {
  type CandidateScope,
  filterCandidates,
} from "../transport/ice/candidates.ts";
import { isLoopback } from "../transport/ice/ip_address.ts";
import {
  linesOf,
  parseDescription,
  writeDescription,
} from "../transport/sdp/description.ts";
import { keepFingerprints } from "../transport/sdp/fingerprint.ts";
import { brokenSdpLimit } from "../transport/sdp_limits.ts";
import { takeSctpInit } from "../transport/snap.ts";
import { SignalingError } from "./errors.ts";

/** Where an answer came from. */
export interface AnswerOrigin {
  /** The URL that was asked. */
  url: string | URL;
  log: Logger;
}

/** Where connectivity checks go besides public addresses: a LAN, a cable. */
const ALLOWED: readonly CandidateScope[] = ["private", "link-local"];

/**
 * Gives a peer the answer that a server gave to its offer, but for candidates
 * that nothing is sent to: host names, which would be looked up, and this
 * machine's own addresses, unless the server is on it.
 *
 * @throws {SignalingError} naming the URL where the answer can't be used.
 */
export async function useAnswer(
  peer: RTCPeerConnection,
  sdp: string,
  { url, log }: AnswerOrigin,
): Promise<void> {
  try {
    const { description, ignored } = readAnswer(sdp, new URL(url).hostname);
    if (Object.keys(ignored).length > 0) {
      log.debug("candidates of the answer ignored", ignored);
    }
    takeSctpInit(peer, sdp);
    await peer.setRemoteDescription({
      type: "answer",
      sdp: writeDescription(description),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SignalingError(
      `${url} answered with an SDP that can't be used: ${foreignText(why)}`,
      { cause },
    );
  }
}

function readAnswer(sdp: string, hostname: string) {
  const answer = parseDescription(sdp);
  const broken = brokenSdpLimit(linesOf(answer));
  if (broken !== undefined) {
    const { count, what, most } = broken;
    throw new Error(`it has ${count} ${what}, and at most ${most} are taken`);
  }
  const allow = isLoopback(hostname)
    ? [...ALLOWED, "loopback" as const]
    : ALLOWED;
  const { offer, ignored } = filterCandidates(answer, { allow });
  return { description: keepFingerprints(offer), ignored };
}

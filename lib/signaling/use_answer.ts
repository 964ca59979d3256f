import type { RTCPeerConnection } from "werift";
import {
  parseDescription,
  writeDescription,
} from "../transport/sdp/description.ts";
import { keepFingerprints } from "../transport/sdp/fingerprint.ts";
import { SignalingError } from "./errors.ts";

/**
 * Gives a peer the answer that a server gave to its offer.
 *
 * @throws {SignalingError} naming `url` where the answer can't be used.
 */
export async function useAnswer(
  peer: RTCPeerConnection,
  answer: string,
  url: string | URL,
): Promise<void> {
  try {
    const sdp = writeDescription(keepFingerprints(parseDescription(answer)));
    await peer.setRemoteDescription({ type: "answer", sdp });
  } catch (cause) {
    throw new SignalingError(
      `${url} answered with an SDP that can't be used: ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}

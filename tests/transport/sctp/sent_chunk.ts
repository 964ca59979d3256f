import type { SentChunk } from "../../../lib/transport/sctp/sent_chunks.ts";

/** A chunk of 1000 bytes with all headers, in flight. */
export function sentChunk(
  tsn: number,
  state: Partial<SentChunk> = {},
): SentChunk {
  return {
    tsn,
    streamId: 1,
    streamSequence: 0,
    protocol: 53,
    flags: 3,
    userData: new Uint8Array(900),
    size: 1000,
    fate: "inflight",
    sent: 1,
    sentAt: 0,
    delivered: 0,
    deliveredAt: 0,
    firstSentAt: 0,
    appLimited: false,
    inflight: 1000,
    next: undefined,
    older: undefined,
    newer: undefined,
    ...state,
  };
}

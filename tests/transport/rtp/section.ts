import type { Section } from "../../../lib/transport/rtp/section.ts";

/** A section of VP8 with all that can be negotiated. */
export const VIDEO_SECTION: Section = {
  kind: "video",
  mid: "v",
  codec: "VP8",
  clockRate: 90_000,
  payloadType: 96,
  rtxPayloadType: 97,
  codecs: new Map([[96, "VP8"]]),
  repeats: new Map([[97, 96]]),
  hasNack: true,
  hasPli: true,
  transportWideId: 3,
  playoutDelayId: undefined,
  midId: 1,
  ssrc: 10,
  rtxSsrc: 11,
  remoteSsrcs: [],
};

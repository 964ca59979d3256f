/** A path of RTP over a transport that encrypts nothing. */
import { createLogger } from "../../../lib/log.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { MediaReceiver } from "../../../lib/transport/rtp/media_receiver.ts";
import { RtpPath } from "../../../lib/transport/rtp/rtp_path.ts";
import type { Section } from "../../../lib/transport/rtp/section.ts";
import type {
  MediaPackets,
  SrtpTransport,
} from "../../../lib/transport/werift/srtp.ts";

/** A section of VP8 with all that can be negotiated. */
export const SECTION: Section = {
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
  midId: 1,
  ssrc: 10,
  rtxSsrc: 11,
  remoteSsrcs: [],
};

/**
 * A transport that encrypts nothing, and the path on it; both end with the
 * scope. Deno fails a test that leaves a timer.
 */
export function makePath() {
  const rtp: Uint8Array[] = [];
  const rtcp: Uint8Array[] = [];
  let packets: MediaPackets | undefined;
  let clocks = 0;
  const srtp: Pick<
    SrtpTransport,
    "receiveWith" | "isReady" | "protect" | "send" | "sendRtcp"
  > = {
    receiveWith: (given) => void (packets = given),
    isReady: true,
    protect: (header, payload) => Uint8Array.of(...header, ...payload),
    send: (datagram) => void rtp.push(datagram),
    sendRtcp: (compound) => void rtcp.push(compound),
  };
  const path = new RtpPath({
    srtp: srtp as SrtpTransport,
    dataRoundTripMs: () => undefined,
    roundTripMs: () => 20,
    dataFlow: () => undefined,
    cname: "test",
  });
  return {
    ...{ path, rtp, rtcp },
    packets: packets!,
    /** Sender reports that got to a section. */
    clocks: () => clocks,
    /** Begins to receive a section; returns the frames that come. */
    receive(section: Partial<Section> = {}): MediaFrame[] {
      const frames: MediaFrame[] = [];
      path.addReceiver(
        new MediaReceiver({
          section: { ...SECTION, ...section },
          link: path,
          log: createLogger({ level: "error" }),
          onFrame: (frame) => frames.push(frame),
          onClock: () => clocks++,
        }),
      );
      return frames;
    },
    [Symbol.dispose]: () => path.close(),
  };
}

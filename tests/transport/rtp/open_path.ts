/** A path of RTP over a transport that encrypts nothing. */
import { HeldBytes } from "../../../lib/limits/held_bytes.ts";
import { createLogger } from "../../../lib/log.ts";
import type { MediaFrame } from "../../../lib/media/frame.ts";
import { MediaReceiver } from "../../../lib/transport/rtp/media_receiver.ts";
import { RtpPath } from "../../../lib/transport/rtp/rtp_path.ts";
import type { Section } from "../../../lib/transport/rtp/section.ts";
import type {
  MediaPackets,
  SrtpTransport,
} from "../../../lib/transport/werift/srtp.ts";
import { VIDEO_SECTION } from "./section.ts";

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
    intake: {
      held: new HeldBytes(Infinity, () => {}),
      arrived: () => {},
      delivered: () => {},
    },
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
          section: { ...VIDEO_SECTION, ...section },
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

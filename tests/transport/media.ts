/** Pictures and sound on real peers. */
import type { RTCPeerConnection, RTCRtpTransceiver } from "werift";
import { createLogger } from "../../lib/log.ts";
import type {
  MediaReceiver,
  MediaReceiverOptions,
} from "../../lib/transport/rtp/media_receiver.ts";
import type { SendStream } from "../../lib/transport/rtp/send_stream.ts";

/** What takes packets in order, or frames. */
export type MediaSink = Pick<MediaReceiverOptions, "onPacket" | "onFrame">;

/** What makes and takes media; its methods are called after negotiation. */
export interface MediaTools {
  /** Begins to send on a transceiver. */
  stream(peer: RTCPeerConnection, transceiver: RTCRtpTransceiver): SendStream;
  /** Takes what comes on a transceiver. */
  receive(
    peer: RTCPeerConnection,
    transceiver: RTCRtpTransceiver,
    sink: MediaSink,
  ): MediaReceiver;
}

/** Loads the tools: werift can't be imported without permissions. */
export async function loadMediaTools(): Promise<MediaTools> {
  const { rtpPathOf } = await import("../../lib/transport/install.ts");
  const { sectionOf } = await import("../../lib/transport/rtp/section.ts");
  const { MediaReceiver } = await import(
    "../../lib/transport/rtp/media_receiver.ts"
  );
  return {
    stream: (peer, transceiver) =>
      rtpPathOf(peer)!.addStream(sectionOf(peer, transceiver)),
    receive(peer, transceiver, sink) {
      const link = rtpPathOf(peer)!;
      const section = sectionOf(peer, transceiver);
      const log = createLogger({ level: "error" });
      const receiver = new MediaReceiver({ section, link, log, ...sink });
      link.addReceiver(receiver);
      return receiver;
    },
  };
}

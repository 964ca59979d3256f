import type { RtpPacketView } from "../media/rtp.ts";
import type { ClockPair } from "../media/rtp_clock.ts";
import type { FeedTrack } from "../session/feed.ts";
import type { RtpPath } from "../transport/rtp/rtp_path.ts";
import type { Section } from "../transport/rtp/section.ts";
import type { SendStream } from "../transport/rtp/send_stream.ts";
import { FrameSkipper, VIDEO_SHARE } from "./frame_skipper.ts";

/** Hands the RTP packets of one track on to one watcher. */
export class TrackForwarder {
  /** Packets handed on. */
  packets = 0;
  readonly #source: FeedTrack;
  readonly #stream: SendStream;
  readonly #path: RtpPath;
  readonly #skipper: FrameSkipper | undefined;

  constructor(source: FeedTrack, section: Section, path: RtpPath) {
    const { kind, codec } = section;
    this.#source = source;
    this.#path = path;
    if (kind === "video" && codec !== undefined) {
      this.#skipper = new FrameSkipper(codec);
    }
    this.#stream = path.addStream(section);
    this.#stream.onKeyframeRequest = () => source.requestKeyframe();
  }

  /** Keeps the watcher's sender reports on the publisher's clock. */
  synchronize(clock: ClockPair): void {
    this.#stream.synchronize(clock);
  }

  /** Sends a packet; the stream gives it payload type and SSRC of its own. */
  send(packet: RtpPacketView): void {
    // The publisher changed to another one, which was not agreed on here.
    if (this.#source.codec !== this.#stream.section.codec) return;
    const now = performance.now();
    const limit = VIDEO_SHARE * (this.#path.estimate.capacity ?? Infinity);
    const room = { rate: this.#source.rateAt?.(now), limit };
    if (this.#skipper?.takes(packet, room, now) === false) {
      return this.#stream.leaveOut(packet);
    }
    this.#stream.send(packet);
    this.packets++;
  }
}

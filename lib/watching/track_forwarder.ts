import type { RtpPacketView } from "../media/rtp.ts";
import { type ClockPair, unixTimeOf } from "../media/rtp_clock.ts";
import type { FeedTrack } from "../session/feed.ts";
import type { RtpPath } from "../transport/rtp/rtp_path.ts";
import type { Section } from "../transport/rtp/section.ts";
import type { SendStream } from "../transport/rtp/send_stream.ts";
import { takesProfile, type TrackFormat } from "../transport/sdp/profiles.ts";
import type { TrackClockMessage } from "../wire/messages.ts";
import { FrameSkipper, type VideoRoom } from "./frame_skipper.ts";

/** Share of a path that video may take, beside sound and points. */
export const VIDEO_SHARE = 0.75;

/** How often a watcher is told of a track's clocks, milliseconds. */
const TELL_MS = 1_000;

/** Hands the RTP packets of one track on to one watcher. */
export class TrackForwarder {
  /** Packets handed on. */
  packets = 0;
  readonly #source: FeedTrack;
  readonly #stream: SendStream;
  readonly #path: RtpPath;
  readonly #skipper: FrameSkipper | undefined;
  #toldAt = -Infinity;
  /** Whether what comes is what was agreed on. */
  #isTaken = true;

  constructor(source: FeedTrack, section: Section, path: RtpPath) {
    const { kind, codec } = section;
    this.#source = source;
    this.#path = path;
    if (kind === "video" && codec !== undefined) {
      this.#skipper = new FrameSkipper(codec);
    }
    this.#stream = path.addStream(section);
    const { codec: sent, profile } = source;
    if (sent !== undefined) this.setFormat({ codec: sent, profile });
    this.#stream.onKeyframeRequest = () => source.requestKeyframe();
  }

  /**
   * Keeps the watcher's sender reports on the publisher's clock.
   *
   * @returns what the watcher is told of it beside them, once a second.
   */
  synchronize(clock: ClockPair): TrackClockMessage | undefined {
    this.#stream.synchronize(clock);
    const now = performance.now();
    if (now - this.#toldAt < TELL_MS) return undefined;
    this.#toldAt = now;
    const { mid, clockRate } = this.#stream.section;
    const { rtpTimestamp, ntpTimestamp } = clock;
    const time = unixTimeOf(ntpTimestamp);
    return { type: "track-clock", mid, rtpTimestamp, clockRate, time };
  }

  /**
   * Takes note of what the track's packets are in from now on. A publisher may
   * change to something else than was agreed on here, which isn't sent then.
   *
   * @returns whether it is taken.
   */
  setFormat({ codec, profile }: TrackFormat): boolean {
    const { section } = this.#stream;
    this.#isTaken = codec === section.codec &&
      takesProfile(codec, section.profile, profile);
    return this.#isTaken;
  }

  /** Sends a packet; the stream gives it payload type and SSRC of its own. */
  send(packet: RtpPacketView): void {
    if (!this.#isTaken) return;
    if (this.#isLeftOut(packet)) return this.#stream.leaveOut(packet);
    this.#stream.send(packet);
    this.packets++;
  }

  #isLeftOut(packet: RtpPacketView): boolean {
    if (this.#skipper === undefined) return false;
    const now = performance.now();
    return !this.#skipper.takes(packet, () => this.#roomAt(now), now);
  }

  #roomAt(now: number): VideoRoom {
    const { capacity = Infinity } = this.#path.estimate;
    return { rate: this.#source.rateAt?.(now), limit: VIDEO_SHARE * capacity };
  }
}

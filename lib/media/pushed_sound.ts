import { planTracks } from "./media_plan.ts";
import type { MediaSource, MediaSourceEvents } from "./media_source.ts";
import { OPUS_SAMPLE_RATE, opusSamples } from "./opus.ts";
import { RtpOutputs } from "./rtp_output.ts";
import { MAX_RTP_BYTES, RTP_HEADER_BYTES } from "./rtp_writer.ts";
import { SoundClock } from "./sound_clock.ts";

/** Opus isn't split (RFC 7587 section 4.2). */
const MAX_OPUS_BYTES = MAX_RTP_BYTES - RTP_HEADER_BYTES;

/** A program's own packets of Opus, such as a bag's: none is decoded. */
export class PushedSound implements MediaSource {
  readonly tracks = planTracks({ hasAudio: true });
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #clock = new SoundClock();
  #outputs?: RtpOutputs;

  constructor() {
    this.ended = this.#ended.promise;
  }

  /** Starts to give packets; what is pushed before is dropped. */
  start({ onRtp, onSenderReport }: MediaSourceEvents): void {
    const [track] = this.tracks;
    this.#outputs = new RtpOutputs(this.tracks, {
      onPackets: (_, packets) => packets.forEach((one) => onRtp(track, one)),
      onReport: (_, report) => onSenderReport?.(track, report),
      onFailed: () => {},
    }, (seconds) => this.#clock.capturedAt(seconds));
  }

  /**
   * Takes the next packet.
   *
   * @param captureTime milliseconds since 1970.
   * @throws {TypeError} for what is no packet of Opus, or too large a one.
   */
  push(packet: Uint8Array, captureTime: number): void {
    const { length } = packet;
    const samples = opusSamples(packet);
    if (samples === undefined) {
      throw new TypeError(`${length} bytes of sound are no packet of Opus`);
    }
    if (length > MAX_OPUS_BYTES) {
      throw new TypeError(
        `A packet of Opus of ${length} bytes; one of RTP takes ` +
          `${MAX_OPUS_BYTES}`,
      );
    }
    if (this.#outputs === undefined) return;
    const duration = samples / OPUS_SAMPLE_RATE;
    const seconds = this.#clock.timeOf(captureTime, duration);
    this.#outputs.give("audio", { seconds, parts: [packet] });
  }

  // deno-lint-ignore require-await -- as a MediaSource has it
  async [Symbol.asyncDispose](): Promise<void> {
    this.#outputs = undefined;
    this.#ended.resolve();
  }
}

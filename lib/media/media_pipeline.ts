import type { CopiedCodec } from "./copied_video.ts";
import type { MediaTrack } from "./media_track.ts";
import type { BitrateRange } from "./rendition.ts";
import type { PipelineEvents } from "./rtp_output.ts";

/** What a live input turned out to have. */
export interface OpenedInput {
  /** Its pictures, as they are sent; the tag is of how they are encoded. */
  video?: {
    width: number;
    height: number;
    tag: string;
    /** What it is of, where it goes on as it comes. */
    copied?: CopiedCodec;
  };
  /** Whether it has sound. */
  hasAudio: boolean;
}

/** What is made of a live input. */
export interface Delivery {
  /** The video's, if there is any, before the audio's. */
  tracks: readonly MediaTrack[];
  /** None where there is no video, or none that is encoded here. */
  videoBitrates?: BitrateRange;
}

/** What pipelines tell besides their packets. */
export interface MediaPipelineEvents extends PipelineEvents {
  /** Called when the input has given something, each time it was opened. */
  onOpened(input: OpenedInput): void;
  /** Called when the input can't be opened or has ended, and is tried again. */
  onOutage(why: string): void;
  /** Called when video begins to be encoded that was copied, or the reverse. */
  onEncoding(encoding: { why?: string }): void;
  /** Called when video takes other bitrates than before. */
  onBitrates(bitrates: BitrateRange): void;
}

/** A way from an input to RTP. */
export interface MediaPipeline {
  /** Asks for video of about so many bits a second. */
  setVideoBitrate(bitsPerSecond: number): void;
  /** Asks for a keyframe soon. */
  requestKeyframe(): void;
  /** Gives packets from now on; a file does so from its start. */
  deliver?(delivery: Delivery): void;
  /** Ends all; resolves when it is gone. */
  close(): Promise<void>;
}

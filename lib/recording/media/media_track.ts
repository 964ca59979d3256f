import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Mp4OutputFormat,
  type Output,
  type OutputFormat,
  WebMOutputFormat,
} from "mediabunny";
import { type VideoCodec, videoCodecString } from "../../media/codec_string.ts";
import type { MediaCodec, MediaFrame } from "../../media/frame.ts";
import { OPUS_SAMPLE_RATE } from "../../media/opus.ts";

/** Time after which what came is in the file, seconds. */
const FRAGMENT_S = 1;

/** Channels of Opus in RTP (RFC 7587 section 7). */
const OPUS_CHANNELS = 2;

const NAMES = {
  VP8: "vp8",
  VP9: "vp9",
  H264: "avc",
  H265: "hevc",
  AV1: "av1",
} as const;

/** Where players find which codecs together. */
export function containerFor(
  codecs: readonly MediaCodec[],
): { extension: string; format: OutputFormat } {
  const video = codecs.filter((codec) => codec !== "opus");
  const isMp4 = (codec: MediaCodec) => codec === "H264" || codec === "H265";
  const options = { minimumClusterDuration: FRAGMENT_S };
  if (!video.some(isMp4)) {
    return { extension: "webm", format: new WebMOutputFormat(options) };
  }
  if (!video.every(isMp4)) {
    return { extension: "mkv", format: new MkvOutputFormat(options) };
  }
  return {
    extension: "mp4",
    format: new Mp4OutputFormat({
      fastStart: "fragmented",
      minimumFragmentDuration: FRAGMENT_S,
    }),
  };
}

/** Takes the frames of one track of a file. */
export interface TrackSink {
  /**
   * Adds a frame; resolves when there is room for another.
   *
   * @param time seconds since the file's start.
   */
  add(frame: MediaFrame, time: number): Promise<void>;
  /** Says that no more come: the other tracks don't wait for it. */
  close(): void;
}

/** Adds a track to a file that has not begun. */
export function addTrack(
  output: Output,
  { name, codec }: { name: string; codec: MediaCodec },
): TrackSink {
  let isFirst = true;
  /** How a track is decoded is said with its first frame. */
  const once = <T>(metadata: T): T | undefined => {
    const wasFirst = isFirst;
    isFirst = false;
    return wasFirst ? metadata : undefined;
  };
  if (codec === "opus") {
    const source = new EncodedAudioPacketSource("opus");
    output.addAudioTrack(source, { name });
    return {
      add: (frame, time) =>
        source.add(packetOf(frame, time), once({ decoderConfig: OPUS })),
      close: () => source.close(),
    };
  }
  const source = new EncodedVideoPacketSource(NAMES[codec]);
  output.addVideoTrack(source, { name });
  return {
    add: (frame, time) =>
      source.add(
        packetOf(frame, time),
        once({ decoderConfig: videoConfig(codec, frame) }),
      ),
    close: () => source.close(),
  };
}

function packetOf({ data, keyframe }: MediaFrame, time: number) {
  return new EncodedPacket(data, keyframe ? "key" : "delta", time, 0);
}

function videoConfig(
  codec: VideoCodec,
  { data, width = 0, height = 0 }: MediaFrame,
): VideoDecoderConfig {
  return {
    codec: videoCodecString(codec, data),
    codedWidth: width,
    codedHeight: height,
  };
}

/** The header that Opus has in files (RFC 7845 section 5.1). */
function opusHead(): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1); // Version.
  view.setUint8(9, OPUS_CHANNELS);
  view.setUint32(12, OPUS_SAMPLE_RATE, true);
  return head;
}

const OPUS: AudioDecoderConfig = {
  codec: "opus",
  sampleRate: OPUS_SAMPLE_RATE,
  numberOfChannels: OPUS_CHANNELS,
  description: opusHead(),
};

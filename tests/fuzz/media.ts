/** Real media: what ffmpeg sends, and the RTCP that goes with it. */
import type { MediaCodec } from "../../lib/media/frame.ts";
import { openFileMedia } from "../../lib/media/file_media.ts";
import { RtpWriter } from "../../lib/media/rtp_writer.ts";
import {
  encodeVideo,
  extensionOf,
  framesOf,
  type PassedCodec,
} from "../media/coded_video.ts";
import { temporaryFolder } from "../support.ts";

/** Packets of each codec, as they came. */
export type RecordedMedia = Record<MediaCodec, Uint8Array[]>;

/** Packets of a track that are enough: some frames, and a keyframe. */
const ENOUGH = 40;

/** Records some packets of the test video, encoded both ways. */
export async function recordMedia(): Promise<RecordedMedia> {
  const media: RecordedMedia = {
    ...{ VP8: [], VP9: [], H264: [], H265: [], AV1: [], opus: [] },
  };
  await Promise.all([record("vp8", media), record("h264", media)]);
  for (const codec of ["VP9", "H265", "AV1"] as const) {
    media[codec] = await packetsOf(codec);
  }
  return media;
}

/** Packets of a codec that goes as it comes. */
async function packetsOf(codec: PassedCodec): Promise<Uint8Array[]> {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/sent.${extensionOf(codec)}`;
  await encodeVideo(path, { codec, frames: 12 });
  const writer = new RtpWriter({ kind: "video", codec, clockRate: 90_000 });
  const frames = await framesOf(path);
  return frames.flatMap((frame, i) => writer.write(frame, i / 30))
    .slice(0, ENOUGH);
}

async function record(
  videoCodec: "vp8" | "h264",
  into: RecordedMedia,
): Promise<void> {
  await using media = await openFileMedia("tests/data/test.mp4", {
    videoCodec,
  });
  const video = videoCodec === "vp8" ? into.VP8 : into.H264;
  await new Promise<void>((resolve) =>
    media.start({
      onRtp({ kind }, packet) {
        if (kind === "video") video.push(packet);
        else if (videoCodec === "vp8") into.opus.push(packet);
        const audio = videoCodec === "vp8" ? into.opus.length : ENOUGH;
        if (video.length >= ENOUGH && audio >= ENOUGH) resolve();
      },
    })
  );
}

/** Bytes of a piece: headers are whole in one, and frames in several. */
const NUT_PIECE_BYTES = 700;

/** A stream as ffmpeg writes it to a pipe, in pieces. */
export async function nutPieces(): Promise<Uint8Array[]> {
  const { success, stdout } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-nostdin", "-i", "tests/data/test.mp4", "-t", "1"],
      ...["-c:v", "libx264", "-c:a", "libopus", "-f", "nut", "pipe:1"],
    ],
  }).output();
  if (!success) throw new Error("ffmpeg made no NUT");
  return Array.from(
    { length: Math.ceil(stdout.length / NUT_PIECE_BYTES) },
    (_, i) => stdout.slice(i * NUT_PIECE_BYTES, (i + 1) * NUT_PIECE_BYTES),
  );
}

/** RTCP of each kind that werift writes; `ssrc` is the track's that it is of. */
export async function rtcpPackets(ssrc: number): Promise<Uint8Array[]> {
  const werift = await import("werift");
  const { RtcpSrPacket, RtcpSenderInfo, RtcpRrPacket, RtcpReceiverInfo } =
    werift;
  const { RtcpSourceDescriptionPacket, SourceDescriptionChunk } = werift;
  const { SourceDescriptionItem, RtcpPayloadSpecificFeedback } = werift;
  const { PictureLossIndication, RtcpTransportLayerFeedback } = werift;
  const { GenericNack, ReceiverEstimatedMaxBitrate } = werift;
  const report = new RtcpReceiverInfo({
    ssrc,
    fractionLost: 3,
    packetsLost: 7,
    highestSequence: 70_000,
    jitter: 90,
    lsr: 1,
    dlsr: 2,
  });
  const senderInfo = new RtcpSenderInfo({
    ntpTimestamp: 0xe8c0_1234_5678_9abcn,
    rtpTimestamp: 90_000,
    packetCount: 10,
    octetCount: 1000,
  });
  const sr = new RtcpSrPacket({ ssrc, senderInfo, reports: [report] })
    .serialize();
  const sdes = new RtcpSourceDescriptionPacket({
    chunks: [
      new SourceDescriptionChunk({
        source: ssrc,
        items: [new SourceDescriptionItem({ type: 1, text: "cname" })],
      }),
    ],
  }).serialize();
  const feedback = { senderSsrc: 1, mediaSourceSsrc: ssrc };
  const packets = [
    sr,
    new RtcpRrPacket({ ssrc, reports: [report, report] }).serialize(),
    sdes,
    new RtcpPayloadSpecificFeedback({
      feedback: new PictureLossIndication(feedback),
    }).serialize(),
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ ...feedback, lost: [1, 2, 19] }),
    }).serialize(),
    new RtcpPayloadSpecificFeedback({
      feedback: new ReceiverEstimatedMaxBitrate({
        ...feedback,
        ssrcNum: 1,
        ssrcFeedbacks: [ssrc],
        brExp: 3,
        brMantissa: 1000,
      }),
    }).serialize(),
  ].map((packet) => Uint8Array.from(packet));
  return [...packets, Uint8Array.from([...sr, ...sdes])];
}

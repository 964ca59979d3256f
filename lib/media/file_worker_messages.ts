import type { FfmpegErrorReason } from "./ffmpeg_error.ts";
import type { FilePipelinePlan } from "./file_pipeline.ts";
import type { SenderReport } from "./rtp_clock.ts";

/** What the Worker of a file's media is told. */
export type ToFileWorker =
  | { type: "start"; plan: FilePipelinePlan }
  | { type: "bitrate"; bitsPerSecond: number }
  | { type: "keyframe" }
  | { type: "close" };

/** What it tells; tracks by their index. */
export type FromFileWorker =
  | { type: "packets"; track: number; packets: Uint8Array<ArrayBuffer>[] }
  | { type: "report"; track: number; report: SenderReport }
  | { type: "failed"; reason: FfmpegErrorReason; message: string }
  | { type: "closed" };

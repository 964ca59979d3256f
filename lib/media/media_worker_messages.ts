import type { FfmpegErrorReason } from "./ffmpeg_error.ts";
import type { FilePipelinePlan } from "./file_pipeline.ts";
import type { LivePipelinePlan } from "./live_pipeline.ts";
import type { Delivery, OpenedInput } from "./media_pipeline.ts";
import type { PushedPicture, PushedPipelinePlan } from "./pushed_pipeline.ts";
import type { BitrateRange } from "./rendition.ts";
import type { SenderReport } from "./rtp_clock.ts";

/** What is made in a Worker; plain data. */
export type MediaPlan =
  | { type: "file"; plan: FilePipelinePlan }
  | { type: "live"; plan: LivePipelinePlan }
  | { type: "pushed"; plan: PushedPipelinePlan };

/** What the Worker of a media source is told. */
export type ToMediaWorker =
  | { type: "start"; plan: MediaPlan }
  | { type: "deliver"; delivery: Delivery }
  | { type: "push"; picture: PushedPicture }
  | { type: "bitrate"; bitsPerSecond: number }
  | { type: "keyframe" }
  | { type: "close" };

/** What it tells; tracks by their index. */
export type FromMediaWorker =
  | { type: "packets"; track: number; packets: Uint8Array<ArrayBuffer>[] }
  | { type: "report"; track: number; report: SenderReport }
  | { type: "opened"; input: OpenedInput }
  | { type: "outage"; why: string }
  | { type: "encoding"; why?: string }
  | { type: "bitrates"; bitrates: BitrateRange }
  | { type: "failed"; reason: FfmpegErrorReason; message: string }
  | { type: "closed" };

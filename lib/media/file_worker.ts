/**
 * The Worker that a file's media is made in: pictures go through it as they
 * are, 90 MB/s of them at 1080p30, which must neither wait for the thread that
 * encodes points nor hold it up.
 *
 * @module
 */
import { FfmpegError } from "./ffmpeg_error.ts";
import { FilePipeline, type FilePipelinePlan } from "./file_pipeline.ts";
import type { FromFileWorker, ToFileWorker } from "./file_worker_messages.ts";

/** What this thread has of the scope of a Worker. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToFileWorker>) => void) | null;
  postMessage(message: FromFileWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
let pipeline: FilePipeline | undefined;

scope.onmessage = async ({ data }) => {
  switch (data.type) {
    case "start":
      return start(data.plan);
    case "bitrate":
      return pipeline?.setVideoBitrate(data.bitsPerSecond);
    case "keyframe":
      return pipeline?.requestKeyframe();
    case "close":
      await pipeline?.close();
      return scope.postMessage({ type: "closed" }, []);
  }
};

function start(plan: FilePipelinePlan): void {
  try {
    pipeline = new FilePipeline(plan, {
      onPackets: (track, packets) =>
        scope.postMessage(
          { type: "packets", track, packets },
          packets.map(({ buffer }) => buffer),
        ),
      onReport: (track, report) =>
        scope.postMessage({ type: "report", track, report }, []),
      onFailed: fail,
    });
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const reason = error instanceof FfmpegError ? error.reason : "failed";
  const message = error instanceof Error ? error.message : String(error);
  scope.postMessage({ type: "failed", reason, message }, []);
}

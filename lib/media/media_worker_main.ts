/**
 * The Worker that media is made in: pictures go through it as they are, 90 MB/s
 * of them at 1080p30, which must neither wait for the thread that encodes
 * points nor hold it up.
 *
 * @module
 */
import { FfmpegError } from "./ffmpeg_error.ts";
import { FilePipeline } from "./file_pipeline.ts";
import { LivePipeline } from "./live_pipeline.ts";
import type { MediaPipeline, MediaPipelineEvents } from "./media_pipeline.ts";
import { PushedPipeline } from "./pushed_pipeline.ts";
import type {
  FromMediaWorker,
  MediaPlan,
  ToMediaWorker,
} from "./media_worker_messages.ts";

/** What this thread has of the scope of a Worker. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToMediaWorker>) => void) | null;
  postMessage(message: FromMediaWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
let pipeline: MediaPipeline | undefined;
/** The same, where it is fed by a program. */
let pushed: PushedPipeline | undefined;

scope.onmessage = async ({ data }) => {
  switch (data.type) {
    case "start":
      return start(data.plan);
    case "deliver":
      return pipeline?.deliver?.(data.delivery);
    case "push":
      return pushed?.push(data.picture);
    case "bitrate":
      return pipeline?.setVideoBitrate(data.bitsPerSecond);
    case "keyframe":
      return pipeline?.requestKeyframe();
    case "close":
      await pipeline?.close();
      return scope.postMessage({ type: "closed" }, []);
  }
};

const EVENTS: MediaPipelineEvents = {
  onPackets: (track, packets) =>
    scope.postMessage(
      { type: "packets", track, packets },
      packets.map(({ buffer }) => buffer),
    ),
  onReport: (track, report) =>
    scope.postMessage({ type: "report", track, report }, []),
  onOpened: (input) => scope.postMessage({ type: "opened", input }, []),
  onOutage: (why) => scope.postMessage({ type: "outage", why }, []),
  onEncoding: ({ why }) => scope.postMessage({ type: "encoding", why }, []),
  onBitrates: (bitrates) =>
    scope.postMessage({ type: "bitrates", bitrates }, []),
  onFailed: fail,
};

function start(plan: MediaPlan): void {
  try {
    pipeline = createPipeline(plan);
  } catch (error) {
    fail(error);
  }
}

function createPipeline({ type, plan }: MediaPlan): MediaPipeline {
  switch (type) {
    case "file":
      return new FilePipeline(plan, EVENTS);
    case "live":
      return new LivePipeline(plan, EVENTS);
    case "pushed":
      return pushed = new PushedPipeline(plan, EVENTS);
  }
}

function fail(error: unknown): void {
  const reason = error instanceof FfmpegError ? error.reason : "failed";
  const message = error instanceof Error ? error.message : String(error);
  scope.postMessage({ type: "failed", reason, message }, []);
}

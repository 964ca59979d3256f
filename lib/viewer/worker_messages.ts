/** What the page and its workers tell each other. */
import type { FrameCodec } from "../points/codec.ts";
import type { CloudRanges } from "./ranges.ts";
import type { PackedCloud } from "./cloud_packer.ts";

/** To the worker that decodes frames. */
export type ToFramesWorker =
  /** Another stream begins: what was under way is forgotten. */
  | { type: "reset"; stream: number }
  /** The fields of the f32 frames that follow. */
  | { type: "fields"; fields: readonly string[] }
  /** One binary message of the channel, transferred. */
  | { type: "message"; bytes: ArrayBuffer }
  /** A cloud's buffer that isn't needed any more, transferred. */
  | { type: "recycle"; values: Float32Array<ArrayBuffer> };

/** A cloud, ready to be drawn. */
export interface DecodedCloud extends PackedCloud {
  type: "cloud";
  /** The stream that it is of, as the last `reset` before it said. */
  stream: number;
  number: number;
  codec: FrameCodec;
  /** Milliseconds since the Unix epoch, the publisher's clock. */
  captureTime: number;
  /** Nothing for a cloud without a finite point. */
  ranges: CloudRanges | undefined;
}

/** From the worker that decodes frames. */
export type FromFramesWorker =
  /** It listens from now on. */
  | { type: "ready" }
  | DecodedCloud
  /** A message or frame was passed over. */
  | { type: "invalid"; why: string };

/** To the worker that scans. */
export type ToScanWorker = {
  type: "start";
  points: number;
  /** Frames a second. */
  rate: number;
};

/** From the worker that scans: one encoded cloud, transferred. */
export interface EncodedScan {
  number: number;
  codec: FrameCodec;
  points: number;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The part of a worker's global scope that ours use, as `dom` lacks it. */
export interface WorkerScope<In, Out> {
  onmessage: ((event: MessageEvent<In>) => void) | null;
  postMessage(message: Out, transfer?: Transferable[]): void;
}

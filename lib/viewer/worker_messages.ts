/** What the page and its workers tell each other. */
import type { CloudLayout, Pose } from "../points/cloud.ts";
import type { FrameCodec } from "../points/codec.ts";
import type { PointField } from "../points/field.ts";
import type { PackedCloud } from "./cloud_packer.ts";
import type { ColorChoice } from "./coloring.ts";
import type { PointValues } from "./point_values.ts";

/** To the worker that decodes frames. */
export type ToFramesWorker =
  /**
   * A stream begins, or goes on over another connection: what was under way is
   * forgotten. `isNew` where it isn't the stream before, which goes on.
   */
  | { type: "begin"; stream: number; isNew: boolean }
  /** Nothing more comes of a stream. */
  | { type: "end"; stream: number }
  /** How points lie in the f32 and raw frames that follow. */
  | { type: "layout"; stream: number; layout: CloudLayout }
  /** Where the coordinates of the frames that follow stand. */
  | { type: "place"; stream: number; pose: Pose | undefined }
  /** One binary message of the stream's channel, transferred. */
  | { type: "message"; stream: number; bytes: ArrayBuffer }
  /**
   * What points are coloured by from now on, and the clouds that are shown,
   * which are packed once more.
   */
  | {
    type: "color";
    stream: number;
    choice: ColorChoice | undefined;
    shown: number[];
  }
  /** Asks for the values of one point of a cloud that the page has. */
  | { type: "pick"; serial: number; index: number; request: number }
  /** The page doesn't need a cloud any more; its buffer is transferred. */
  | { type: "recycle"; stream: number; serial: number; buffer: ArrayBuffer };

/** A cloud, ready to be drawn. */
export interface DecodedCloud extends PackedCloud {
  type: "cloud";
  /** The page's number of the stream that it is of. */
  stream: number;
  /** Names it: one frame may be packed more than once. */
  serial: number;
  /** The cloud that it is in other colours, where it was shown before. */
  again: number | undefined;
  /** Counts up over the frames of all streams; the same in other colours. */
  order: number;
  number: number;
  codec: FrameCodec;
  /** Milliseconds since the Unix epoch, the publisher's clock. */
  captureTime: number;
  fields: readonly PointField[];
  /** Bytes of a point. */
  stride: number;
}

/** From the worker that decodes frames. */
export type FromFramesWorker =
  /** It listens from now on. */
  | { type: "ready" }
  | DecodedCloud
  /** The point that was asked for; nothing where its cloud is gone. */
  | { type: "picked"; request: number; point: PointValues | undefined }
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

import type { PointCloud, Pose } from "../points/cloud.ts";
import type { PictureFormat } from "./picture_format.ts";
import type { Transform } from "./transform_tree.ts";

/** When something was measured, and in which frame. */
interface Measured {
  /** Milliseconds since the Unix epoch. */
  readonly stamp: number;
  readonly frameId: string;
}

/** Points; a view of the message where it has them as they are. */
export interface CloudMessage extends Measured {
  readonly kind: "cloud";
  readonly cloud: PointCloud;
  /** Where they stand in the frame, where that isn't its origin. */
  readonly pose?: Pose;
}

/** Points that somebody has compressed. */
export interface EncodedCloudMessage extends Measured {
  readonly kind: "encodedCloud";
  readonly codec: "cloudini" | "draco";
  /** As they came; Cloudini's can go on as the bytes of a frame. */
  readonly bytes: Uint8Array;
  readonly pose?: Pose;
  /** @throws {PointsError} where they are damaged, or too many. */
  decode(): Promise<PointCloud>;
}

/** Where frames stand in others. */
export interface TransformsMessage {
  readonly kind: "transforms";
  readonly transforms: readonly Transform[];
}

/** A picture, or a part of a video (H.264 and H.265 as in Annex B). */
export interface PictureMessage extends Measured {
  readonly kind: "picture";
  readonly format: PictureFormat;
  readonly bytes: Uint8Array;
}

/** One packet of sound: Opus, the only codec that Foxglove's messages have. */
export interface SoundMessage {
  readonly kind: "sound";
  /** Milliseconds since the Unix epoch. */
  readonly stamp: number;
  readonly bytes: Uint8Array;
}

/** What is read of a message. */
export type RosMessage =
  | CloudMessage
  | EncodedCloudMessage
  | TransformsMessage
  | PictureMessage
  | SoundMessage;

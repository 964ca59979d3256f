import type { CloudShape, PointCloud } from "./cloud.ts";

/** The codecs of frames by name, at the number that a frame's header has. */
export const FRAME_CODECS = ["f32", "npy", "cloudini", "raw"] as const;

/** The name of a codec of frames. */
export type FrameCodec = (typeof FRAME_CODECS)[number];

/** What a sender or receiver of frames has to know of their codec. */
export interface CodecTraits {
  /**
   * Whether an encoded cloud says its fields. Where it doesn't, a `fields`
   * message of the wire says them.
   */
  readonly namesFields: boolean;
  /** Whether values are rounded to steps, which can be made coarser. */
  readonly hasSteps: boolean;
}

/** The traits of each codec. */
export const CODEC_TRAITS: Readonly<Record<FrameCodec, CodecTraits>> = {
  f32: { namesFields: false, hasSteps: false },
  npy: { namesFields: true, hasSteps: false },
  cloudini: { namesFields: true, hasSteps: true },
  raw: { namesFields: false, hasSteps: false },
};

/** A cloud as bytes. */
export interface EncodedCloud {
  /** How `bytes` are to be read. */
  codec: FrameCodec;
  /** Valid until the encoder's next call: encoders reuse their buffers. */
  bytes: Uint8Array;
  /** What the decoder gives for them. */
  shape: CloudShape;
  /**
   * Units for one step, by name, of the fields whose values are rounded. All
   * others are exact.
   */
  steps: Readonly<Record<string, number>>;
}

/** Turns clouds into bytes, one after the other. */
export interface CloudEncoder {
  /** Units for one step of positions, where they are rounded. */
  readonly resolution?: number;
  /**
   * Writes down one cloud. The bytes are valid until the next call.
   *
   * @throws {PointsError} for a cloud that the codec can't hold.
   */
  encode(cloud: PointCloud): EncodedCloud;
  /**
   * Makes an encoder like this one with steps `factor` times as large, where
   * there are steps.
   */
  coarser?(factor: number): CloudEncoder;
}

/** Turns bytes into clouds, one after the other. */
export interface CloudDecoder {
  /**
   * Checks what an encoded cloud says of itself against the bytes there are.
   * It decodes no values and takes no memory for them, so that `decode` may
   * still find them to be wrong.
   *
   * @throws {PointsError} for bytes that are no cloud of this codec.
   */
  inspect(bytes: Uint8Array): CloudShape;
  /**
   * Reads one cloud. Its values are valid until the next call: decoders reuse
   * their buffers.
   *
   * @throws {PointsError} for bytes that are no cloud of this codec; memory
   * stays in proportion to `bytes`, whatever they claim.
   */
  decode(bytes: Uint8Array): PointCloud;
}

/** What is made of the messages of a recording. */
import type { VideoCodec } from "../media/codec_string.ts";
import { beginsDecoding } from "../media/encoded_picture.ts";
import { CODEC_TRAITS } from "../points/codec.ts";
import { PointsError } from "../points/errors.ts";
import { encodeRaw } from "../points/raw/codec.ts";
import { UndecodedCloud } from "../points/undecoded_cloud.ts";
import type {
  CloudMessage,
  EncodedCloudMessage,
  PictureMessage,
} from "../ros/message.ts";
import type { PictureFormat } from "../ros/picture_format.ts";
import type { BagMessage, BagTopic } from "../sources/bags/bag.ts";
import type { BagTransforms } from "../sources/bags/bag_transforms.ts";
import type { KnownTopic } from "../sources/bags/topics.ts";
import { cloudOf } from "../sources/message_cloud.ts";
import { FRAME_HEADER_BYTES } from "../wire/frame.ts";
import type { EncodedPicture } from "./picture_queue.ts";
import type { RecordedItem } from "./recording_messages.ts";
/** Formats of videos; the others are still pictures. */
const CODECS = {
  h264: "H264",
  h265: "H265",
  vp8: "VP8",
  vp9: "VP9",
  av1: "AV1",
} as const satisfies Partial<Record<PictureFormat, VideoCodec>>;

/** A capture further from its message's time is by another clock. */
const CLOCK_MS = 10_000;

/**
 * Reads a message; gives nothing for one that shows nothing by itself.
 *
 * @throws {PointsError} where it is damaged.
 */
export async function recordedItem(
  { topic, logTime, data }: BagMessage,
  { kind, read }: KnownTopic,
  { tree }: BagTransforms,
): Promise<RecordedItem | undefined> {
  if (kind === "transforms") return undefined;
  const message = read(data);
  if (message.kind === "transforms") return undefined;
  const isOwn = Math.abs(message.stamp - logTime) < CLOCK_MS;
  const captureTime = isOwn ? message.stamp : logTime;
  const name = nameOf(topic);
  switch (message.kind) {
    case "cloud":
    case "encodedCloud": {
      const { frameId, stamp, pose } = message;
      return {
        ...await cloudItem(message, captureTime),
        stream: name,
        place: tree.placeOf(frameId, stamp, pose),
      };
    }
    case "picture": {
      const picture = pictureOf(message, captureTime);
      return picture && { kind: "picture", track: name, picture };
    }
    case "sound": {
      const sound = { captureTime, data: message.bytes.slice() };
      return { kind: "sound", track: name, sound };
    }
  }
}

/** Tells whether decoding can begin with a message of a video. */
export function isKeyframe(
  { data }: BagMessage,
  { read }: KnownTopic,
): boolean {
  try {
    const message = read(data);
    return message.kind === "picture" && isVideo(message.format) &&
      beginsDecoding(message.format, message.bytes);
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
    return false;
  }
}

/** The bytes of a cloud go on as they are, where frames may have them so. */
async function cloudItem(
  message: CloudMessage | EncodedCloudMessage,
  captureTime: number,
) {
  const cloud = await cloudOf(message);
  const { codec, bytes, shape } = cloud instanceof UndecodedCloud
    ? { codec: cloud.codec, bytes: cloud.bytes, shape: cloud }
    : encodeRaw(cloud);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
  frame.set(bytes, FRAME_HEADER_BYTES);
  const { points, fields, stride, height } = shape;
  return {
    kind: "cloud" as const,
    info: { codec, points, captureTime },
    layout: CODEC_TRAITS[codec].namesFields
      ? undefined
      : { fields, stride, height },
    message: frame,
  };
}

/** What a topic is called as a stream, or a track. */
export function nameOf({ name }: BagTopic): string {
  return name.replace(/^\//, "");
}

/** Nothing of a still picture, which no decoder of videos takes. */
function pictureOf(
  { format, bytes }: PictureMessage,
  captureTime: number,
): EncodedPicture | undefined {
  if (!isVideo(format)) return undefined;
  return {
    codec: CODECS[format],
    isKeyframe: beginsDecoding(format, bytes),
    captureTime,
    data: bytes.slice(),
  };
}

function isVideo(format: PictureFormat): format is keyof typeof CODECS {
  return Object.hasOwn(CODECS, format);
}

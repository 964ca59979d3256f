/** What is in a recording, in the order of its times. */
import type { Logger } from "../logger.ts";
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
import { BagTransforms } from "../sources/bags/bag_transforms.ts";
import type { McapBag } from "../sources/bags/mcap/mcap_bag.ts";
import { prefetch } from "../sources/bags/prefetch.ts";
import { type KnownTopic, knownTopic } from "../sources/bags/topics.ts";
import { cloudOf } from "../sources/message_cloud.ts";
import { FRAME_HEADER_BYTES } from "../wire/frame.ts";
import type { EncodedPicture } from "./picture_queue.ts";
import type { RecordedItem, RecordingContent } from "./recording_messages.ts";

/** Something that was read, and when the recording got it, milliseconds. */
export interface TimedItem {
  time: number;
  item: RecordedItem;
}

/** How far back clouds are looked for that are to be seen at a moment. */
const MOST_BACK_MS = 10_000;

/** How far back a keyframe is looked for, each time further. */
const KEYFRAME_BACK_MS = [1_000, 4_000, MOST_BACK_MS];

/** A capture further from its message's time is by another clock. */
const CLOCK_MS = 10_000;

/** Formats of videos; the others are still pictures. */
const CODECS = {
  h264: "H264",
  h265: "H265",
  vp8: "VP8",
  vp9: "VP9",
  av1: "AV1",
} as const satisfies Partial<Record<PictureFormat, VideoCodec>>;

/** Reads a recording from any moment on. */
export class RecordingReader {
  readonly content: RecordingContent;
  readonly #bag: McapBag;
  readonly #log: Logger;
  readonly #topics: ReadonlyMap<BagTopic, KnownTopic>;
  readonly #transforms: BagTransforms;

  private constructor(bag: McapBag, log: Logger) {
    this.#bag = bag;
    this.#log = log;
    const known = bag.topics.flatMap((topic) => knownTopic(topic) ?? []);
    this.#topics = new Map(known.map((one) => [one.topic, one]));
    this.#transforms = new BagTransforms(known, { log });
    const { start, end } = bag;
    const named = (kind: string) =>
      this.#of(kind).map((topic) => ({ name: nameOf(topic) }));
    this.content = {
      ...{ start, end },
      streams: [...named("cloud"), ...named("encodedCloud")]
        .map(({ name }) => name),
      tracks: [
        ...named("picture").map((one) => ({ ...one, kind: "video" as const })),
        ...named("sound").map((one) => ({ ...one, kind: "audio" as const })),
      ],
    };
  }

  /** Reads which frames never move, which holds for all moments. */
  static async open(
    bag: McapBag,
    { log, signal }: { log: Logger; signal: AbortSignal },
  ): Promise<RecordingReader> {
    const reader = new RecordingReader(bag, log);
    await reader.#transforms.readStatic(bag, signal);
    return reader;
  }

  /**
   * Reads from a moment on: first what is to be seen at that moment, the newest
   * clouds and the pictures from their keyframe on.
   */
  async *read(from: number): AsyncGenerator<TimedItem> {
    const topics = new Set(this.#topics.keys());
    const before = new Map<BagTopic, BagMessage[]>();
    let isBefore = true;
    const query = { topics, from: await this.#beginAt(from) };
    for await (const message of prefetch(this.#bag.messages(query))) {
      const { logTime: time } = message;
      if (isBefore && time <= from) {
        this.#transforms.take(message);
        this.#remember(before, message);
        continue;
      }
      if (isBefore) yield* this.#seenAt(from, before);
      isBefore = false;
      this.#transforms.take(message);
      const item = await this.#itemOf(message);
      if (item !== undefined) yield { time, item };
    }
    if (isBefore) yield* this.#seenAt(from, before);
  }

  /** Where to begin to read, to have all that is to be seen at a moment. */
  async #beginAt(from: number): Promise<number> {
    const begin = this.#bag.reachBack([
      ...this.#of("cloud"),
      ...this.#of("encodedCloud"),
      ...this.#transforms.topics,
    ], from);
    const keyframe = await this.#keyframeBefore(from);
    return Math.max(Math.min(begin, keyframe), from - MOST_BACK_MS);
  }

  async #keyframeBefore(from: number): Promise<number> {
    const topics = new Set(this.#of("picture"));
    let keyframes = new Map<BagTopic, number>();
    for (const back of topics.size === 0 ? [] : KEYFRAME_BACK_MS) {
      keyframes = new Map();
      const query = { topics, from: from - back };
      for await (const message of this.#bag.messages(query)) {
        if (message.logTime > from) break;
        if (this.#isKeyframe(message)) {
          keyframes.set(message.topic, message.logTime);
        }
      }
      if (keyframes.size === topics.size) break;
    }
    return Math.min(from, ...keyframes.values());
  }

  /** Keeps of what is before a moment what is to be seen then. */
  #remember(
    before: Map<BagTopic, BagMessage[]>,
    message: BagMessage,
  ): void {
    const { topic } = message;
    const kind = this.#topics.get(topic)?.kind;
    if (kind === "sound" || kind === "transforms") return;
    const leans = kind === "picture" && !this.#isKeyframe(message);
    before.set(topic, [...leans ? before.get(topic) ?? [] : [], message]);
  }

  async *#seenAt(
    time: number,
    before: ReadonlyMap<BagTopic, BagMessage[]>,
  ): AsyncGenerator<TimedItem> {
    for (const message of [...before.values()].flat()) {
      const item = await this.#itemOf(message);
      if (item !== undefined) yield { time, item };
    }
  }

  async #itemOf(message: BagMessage): Promise<RecordedItem | undefined> {
    const { topic, logTime, data } = message;
    const known = this.#topics.get(topic)!;
    if (known.kind === "transforms") return undefined;
    try {
      const read = known.read(data);
      if (read.kind === "transforms") return undefined;
      const isOwn = Math.abs(read.stamp - logTime) < CLOCK_MS;
      const captureTime = isOwn ? read.stamp : logTime;
      switch (read.kind) {
        case "cloud":
        case "encodedCloud":
          return await this.#cloudItem(topic, read, captureTime);
        case "picture": {
          const picture = pictureOf(read, captureTime);
          return picture && { kind: "picture", track: nameOf(topic), picture };
        }
        case "sound": {
          if (read.format !== "opus") return undefined;
          const sound = { captureTime, data: read.bytes.slice() };
          return { kind: "sound", track: nameOf(topic), sound };
        }
      }
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#log.warn("a message is left out", { topic: topic.name, error });
    }
  }

  async #cloudItem(
    topic: BagTopic,
    message: CloudMessage | EncodedCloudMessage,
    captureTime: number,
  ): Promise<RecordedItem> {
    const cloud = await cloudOf(message);
    const { codec, bytes, shape } = cloud instanceof UndecodedCloud
      ? { codec: cloud.codec, bytes: cloud.bytes, shape: cloud }
      : encodeRaw(cloud);
    const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
    const { points, fields, stride, height } = shape;
    frame.set(bytes, FRAME_HEADER_BYTES);
    const { frameId, stamp, pose } = message;
    return {
      kind: "cloud",
      stream: nameOf(topic),
      info: { codec, points, captureTime },
      place: this.#transforms.tree.placeOf(frameId, stamp, pose),
      layout: CODEC_TRAITS[codec].namesFields
        ? undefined
        : { fields, stride, height },
      message: frame,
    };
  }

  #isKeyframe({ topic, data }: BagMessage): boolean {
    try {
      const read = this.#topics.get(topic)!.read(data);
      return read.kind === "picture" && isVideo(read.format) &&
        beginsDecoding(read.format, read.bytes);
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      return false;
    }
  }

  #of(kind: string): BagTopic[] {
    return [...this.#topics.values()].filter((one) => one.kind === kind)
      .map(({ topic }) => topic);
  }
}

function nameOf({ name }: BagTopic): string {
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

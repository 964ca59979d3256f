import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import type {
  MediaSource,
  MediaSourceEvents,
} from "../../media/media_source.ts";
import type { MediaTrack } from "../../media/media_track.ts";
import type { PushedMedia } from "../../media/pushed_media.ts";
import { PointsError } from "../../points/errors.ts";
import { SourceError } from "../errors.ts";
import { pictureOf } from "../message_picture.ts";
import { readRosAddress } from "./address.ts";
import type { BridgeMessage } from "./bridge.ts";
import type { RosBridges, UsedBridge } from "./bridges.ts";
import { kindOf, readerOf } from "./channels.ts";
import { findTopics } from "./find_topics.ts";
import { Stamps } from "./stamps.ts";

export interface TopicMediaOptions {
  /** The connections that there are. */
  bridges: RosBridges;
  /** URL of the bridge, where the name has none. */
  url?: string;
  /** Makes what the pictures are pushed into. */
  openMedia(): PushedMedia;
  log: Logger;
}

/**
 * Opens a topic of compressed pictures, or of video, as a camera:
 * `ros:/camera/image/compressed`. While the bridge or the topic is away, no
 * pictures come.
 *
 * @throws {SourceError} for what is no such name, and for a topic that has no
 * pictures.
 */
export async function openTopicMedia(
  name: string,
  { bridges, url, openMedia, log }: TopicMediaOptions,
): Promise<MediaSource> {
  const address = readRosAddress(name, url);
  const [topic, ...others] = address.topics;
  if (others.length > 0 || topic.includes("*")) {
    throw new SourceError(
      `--media ${name} names several topics; each camera has a --media of its ` +
        "own, such as --media front=ros:/front/image",
    );
  }
  const used = bridges.use(address.url);
  try {
    await findTopics(used.bridge, {
      asked: [topic],
      what: "picture",
      isOne: (channel) => kindOf(channel) === "picture",
      signal: bridges.signal,
      log,
    });
  } catch (error) {
    await used[Symbol.asyncDispose]();
    throw error;
  }
  return new TopicMedia(used, openMedia(), { topic, log });
}

/** The pictures of one topic of a bridge, as they come. */
class TopicMedia implements MediaSource {
  readonly #used: UsedBridge;
  readonly #pushed: PushedMedia;
  readonly #topic: string;
  readonly #log: LogThrottle;
  readonly #stamps: Stamps;
  #unsubscribe: () => void = () => {};

  constructor(
    used: UsedBridge,
    pushed: PushedMedia,
    { topic, log }: { topic: string; log: Logger },
  ) {
    this.#used = used;
    this.#pushed = pushed;
    this.#topic = topic;
    this.#log = new LogThrottle(log.child({ topic }));
    this.#stamps = new Stamps(log.child({ topic }));
  }

  get tracks(): readonly MediaTrack[] {
    return this.#pushed.tracks;
  }

  get ended(): Promise<void> {
    return this.#pushed.ended;
  }

  get videoBitrates(): MediaSource["videoBitrates"] {
    return this.#pushed.videoBitrates;
  }

  start(events: MediaSourceEvents): void {
    this.#pushed.start(events);
    this.#unsubscribe = this.#used.bridge.subscribe(
      this.#topic,
      (message) => this.#receive(message),
    );
  }

  setVideoBitrate(bitsPerSecond: number): void {
    this.#pushed.setVideoBitrate?.(bitsPerSecond);
  }

  requestKeyframe(): void {
    this.#pushed.requestKeyframe?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    await this.#pushed[Symbol.asyncDispose]();
    await this.#used[Symbol.asyncDispose]();
  }

  #receive({ data, channel, ...times }: BridgeMessage): void {
    try {
      const message = readerOf(channel)?.(data);
      if (message?.kind !== "picture") return;
      const { stamp } = message;
      const captureTime = this.#stamps.captureTime({ stamp, ...times });
      this.#pushed.push(pictureOf(message, captureTime));
    } catch (error) {
      const isBad = error instanceof PointsError || error instanceof TypeError;
      if (!isBad) throw error;
      this.#log.warn("picture passed over", { error });
    }
  }
}

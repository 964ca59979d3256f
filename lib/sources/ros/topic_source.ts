import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import { PointsError } from "../../points/errors.ts";
import type { NamedType } from "../../points/field.ts";
import type {
  CloudMessage,
  EncodedCloudMessage,
  RosMessage,
} from "../../ros/message.ts";
import type { MessageReader } from "../../ros/messages.ts";
import type { TransformTree } from "../../ros/transform_tree.ts";
import { cloudOf } from "../message_cloud.ts";
import { pickFields } from "../pick_fields.ts";
import type { PointSource, TimedCloud } from "../source.ts";
import type { BridgeMessage, RosBridge } from "./bridge.ts";
import { readerOf } from "./channels.ts";
import type { Channel } from "./foxglove_protocol.ts";
import { NewestMessages } from "./newest_messages.ts";
import { type MessageTimes, Stamps } from "./stamps.ts";

export interface TopicSourceOptions {
  topic: string;
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly NamedType[];
  log: Logger;
}

/**
 * The clouds of one topic of a bridge, as they come. It doesn't end: while the
 * bridge or the topic is away, it waits. Messages that can't be read are
 * passed over, logged and counted.
 */
export class TopicSource implements PointSource, AsyncDisposable {
  readonly pace = "source";
  skipped = 0;
  readonly #options: TopicSourceOptions;
  readonly #tree: TransformTree;
  readonly #messages = new NewestMessages<BridgeMessage>();
  readonly #stamps: Stamps;
  readonly #log: LogThrottle;
  readonly #bridge: RosBridge;
  #reader: { of: Channel; read: MessageReader | undefined } | undefined;
  #unsubscribe: (() => void) | undefined;
  #isOver = false;

  constructor(
    bridge: RosBridge,
    tree: TransformTree,
    options: TopicSourceOptions,
  ) {
    const { topic } = options;
    const log = options.log.child({ topic });
    this.#options = options;
    this.#tree = tree;
    this.#stamps = new Stamps(log);
    this.#log = new LogThrottle(log);
    this.#bridge = bridge;
  }

  /** Clouds that newer ones took the place of before they were asked for. */
  get dropped(): number {
    return this.#messages.dropped;
  }

  async next(): Promise<TimedCloud | undefined> {
    this.#unsubscribe ??= this.#subscribe();
    while (!this.#isOver) {
      const came = this.#messages.take();
      if (came === undefined) {
        await this.#messages.whenSome();
        continue;
      }
      const cloud = await this.#read(came);
      if (cloud !== undefined) return cloud;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#unsubscribe?.();
    this.#messages.wake();
    if (this.dropped > 0) {
      const { topic, log } = this.#options;
      log.info("newer clouds took the place of some", {
        topic,
        dropped: this.dropped,
      });
    }
    return Promise.resolve();
  }

  /** Not before the first is asked for: what comes until then is old. */
  #subscribe(): () => void {
    const { topic } = this.#options;
    return this.#bridge.subscribe(
      topic,
      (message) => this.#messages.put(message, message.data.buffer.byteLength),
    );
  }

  async #read(
    { data, channel, ...times }: BridgeMessage,
  ): Promise<TimedCloud | undefined> {
    try {
      const message = this.#readerFor(channel)?.(data);
      if (isCloud(message)) return await this.#timed(message, times);
      this.#passOver(
        `${channel.schemaName} in ${channel.encoding} is no cloud`,
      );
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#passOver(error.message);
    }
  }

  #passOver(why: string): void {
    this.skipped++;
    this.#log.warn("cloud passed over", { why });
  }

  #readerFor(channel: Channel): MessageReader | undefined {
    if (this.#reader?.of !== channel) {
      this.#reader = { of: channel, read: readerOf(channel) };
    }
    return this.#reader.read;
  }

  async #timed(
    message: CloudMessage | EncodedCloudMessage,
    times: Omit<MessageTimes, "stamp">,
  ): Promise<TimedCloud> {
    const { stamp, frameId, pose } = message;
    return {
      cloud: pickFields(await cloudOf(message), this.#options.fields),
      captureTime: this.#stamps.captureTime({ stamp, ...times }),
      // The robot's frames are of the robot's clock.
      ...frameId && { place: this.#tree.placeOf(frameId, stamp, pose) },
    };
  }
}

function isCloud(
  message: RosMessage | undefined,
): message is CloudMessage | EncodedCloudMessage {
  return message?.kind === "cloud" || message?.kind === "encodedCloud";
}

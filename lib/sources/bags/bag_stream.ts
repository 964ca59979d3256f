import type { Logger } from "../../log.ts";
import type { PointCloud } from "../../points/cloud.ts";
import { PointsError } from "../../points/errors.ts";
import type { NamedType } from "../../points/field.ts";
import { cloudOf } from "../message_cloud.ts";
import { pickFields } from "../pick_fields.ts";
import type { PointSource, TimedCloud } from "../source.ts";
import type { BagPlayer } from "./bag_player.ts";
import type { Delivery } from "./playing.ts";
import { Mailbox } from "./mailbox.ts";
import type { KnownTopic } from "./topics.ts";

export interface BagStreamOptions {
  /** Gives just these fields of each cloud. @default {all} */
  fields?: readonly NamedType[];
  /** Receives what can't be read. */
  log: Logger;
}

/** Clouds of a stream that wait; a publisher takes them as they come. */
const MAX_WAITING = 8;

/** The clouds of one topic of a bag. The first that is asked for begins it. */
export class BagStream implements PointSource, AsyncDisposable {
  readonly pace = "source";
  skipped = 0;
  readonly #player: BagPlayer;
  readonly #known: KnownTopic;
  readonly #options: BagStreamOptions;
  readonly #box = new Mailbox<Delivery>(MAX_WAITING);
  readonly #listening: AsyncDisposable;
  #failure: { error: unknown } | undefined;

  constructor(player: BagPlayer, known: KnownTopic, options: BagStreamOptions) {
    this.#player = player;
    this.#known = known;
    this.#options = options;
    this.#listening = player.listen(known.topic, {
      begins: true,
      onMessage: (delivery) => this.#box.put(delivery),
      onJump: (isSought) => isSought && this.#box.clear(),
      onEnd: (failure) => {
        this.#failure ??= failure;
        this.#box.end();
      },
    });
  }

  async next(): Promise<TimedCloud | undefined> {
    this.#player.begin();
    for (let delivery; (delivery = await this.#box.take());) {
      try {
        const timed = await this.#read(delivery);
        if (timed !== undefined) return timed;
      } catch (error) {
        if (!(error instanceof PointsError)) throw error;
        this.#passOver(error);
      }
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #read(
    { message: { data }, captureTime }: Delivery,
  ): Promise<TimedCloud | undefined> {
    const message = this.#known.read(data);
    const isCloud = message.kind === "cloud" || message.kind === "encodedCloud";
    if (!isCloud) return undefined;
    const cloud: PointCloud = await cloudOf(message);
    const { frameId, stamp, pose } = message;
    return {
      cloud: pickFields(cloud, this.#options.fields),
      captureTime: captureTime(stamp),
      place: this.#player.tree.placeOf(frameId, stamp, pose),
    };
  }

  /** Says why once; a topic's messages are mostly alike. */
  #passOver(error: PointsError): void {
    const level = this.skipped++ === 0 ? "warn" : "debug";
    this.#options.log[level]("cloud passed over", {
      topic: this.#known.topic.name,
      error,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#box.end();
    await this.#listening[Symbol.asyncDispose]();
  }
}

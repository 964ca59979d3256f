import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import { beginsDecoding } from "../../media/encoded_picture.ts";
import type {
  MediaSource,
  MediaSourceEvents,
} from "../../media/media_source.ts";
import type { MediaTrack } from "../../media/media_track.ts";
import type { PushedMedia } from "../../media/pushed_media.ts";
import { PointsError } from "../../points/errors.ts";
import { SourceError } from "../errors.ts";
import { pictureOf } from "../message_picture.ts";
import type { BagPlayer, Delivery, PlayingOptions } from "./bag_player.ts";
import type { BagPlayers } from "./bag_players.ts";
import type { BagName } from "./open_bag.ts";
import { type KnownTopic, listTopics, pickTopics } from "./topics.ts";

export interface BagMediaOptions extends PlayingOptions {
  /** The bags that are played: a bag's clouds are in step with its pictures. */
  bags: BagPlayers;
  /** Makes what the pictures are pushed into. */
  openMedia(): PushedMedia;
  log: Logger;
}

/**
 * Opens a bag's topic of compressed pictures, or of video, as a camera:
 * `drive.mcap:/camera`. Where its clouds are played too, they say how.
 *
 * @throws {SourceError} for what is no bag, or has no such topic.
 */
export async function openBagMedia(
  name: BagName,
  { bags, openMedia, log, ...playing }: BagMediaOptions,
): Promise<MediaSource> {
  await using used = await bags.join(name.path, playing);
  const { player } = used;
  const camera = chooseCamera(player, name);
  return new BagMedia(player, camera, { pushed: openMedia(), log });
}

function chooseCamera(
  { bag, known }: BagPlayer,
  { path, topics: pattern }: BagName,
): KnownTopic {
  const cameras = known.filter(({ kind }) => kind === "picture");
  const all = listTopics(cameras.map(({ topic }) => topic));
  const picked = pattern === undefined
    ? cameras.map(({ topic }) => topic)
    : pickTopics(bag.topics, pattern, path);
  const chosen = cameras.filter(({ topic }) => picked.includes(topic));
  if (chosen.length === 1) return chosen[0];
  const which = pattern === undefined ? path : `${pattern} of ${path}`;
  throw new SourceError(
    chosen.length === 0
      ? `${which} has no pictures; those that have are ${all}`
      : `${which} is ${chosen.length} topics of pictures, and each camera has ` +
        `a --media of its own, such as --media front=${path}:` +
        chosen[0].topic.name,
  );
}

/** Messages that are looked through for a picture to begin with. */
const MAX_PREVIEW = 300;
/** Time from one to the next while it stands, milliseconds. */
const HOLD_MS = 100;

/** The pictures of one topic of a bag, at their times. */
class BagMedia implements MediaSource {
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #player: BagPlayer;
  readonly #known: KnownTopic;
  readonly #pushed: PushedMedia;
  readonly #log: LogThrottle;
  readonly #listening: AsyncDisposable;
  #holding: ReturnType<typeof setInterval> | undefined;

  constructor(
    player: BagPlayer,
    known: KnownTopic,
    { pushed, log }: { pushed: PushedMedia; log: Logger },
  ) {
    this.#player = player;
    this.#known = known;
    this.#pushed = pushed;
    this.#log = new LogThrottle(log.child({ topic: known.topic.name }));
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
    pushed.ended.then(this.#ended.resolve, this.#ended.reject);
    this.#listening = player.listen(known.topic, {
      begins: false,
      onMessage: (delivery) => {
        const picture = this.#read(delivery);
        if (picture !== undefined) pushed.push(picture);
      },
      // A bag that is over leaves its last picture; others may go on.
      onEnd: (failure) => failure && this.#ended.reject(failure.error),
    });
  }

  get tracks(): readonly MediaTrack[] {
    return this.#pushed.tracks;
  }

  get videoBitrates(): MediaSource["videoBitrates"] {
    return this.#pushed.videoBitrates;
  }

  /**
   * Begins to play, or where clouds are played too, shows the first picture
   * until they begin: encoders take a while to start.
   */
  start(events: MediaSourceEvents): void {
    this.#pushed.start(events);
    if (!this.#player.isAwaited) return this.#player.begin();
    let looked = 0;
    this.#player.preview(this.#known.topic, (delivery) => {
      const picture = this.#read(delivery);
      const isFirst = picture !== undefined &&
        beginsDecoding(picture.format, picture.bytes);
      if (isFirst) this.#hold(delivery);
      return !isFirst && ++looked < MAX_PREVIEW;
    });
  }

  /** Shows a picture until the playing begins; decoders ask for several. */
  #hold(delivery: Delivery): void {
    this.#holding = setInterval(() => {
      if (this.#player.hasBegun) return clearInterval(this.#holding);
      const picture = this.#read(delivery);
      if (picture !== undefined) this.#pushed.push(picture);
    }, HOLD_MS);
  }

  setVideoBitrate(bitsPerSecond: number): void {
    this.#pushed.setVideoBitrate(bitsPerSecond);
  }

  requestKeyframe(): void {
    this.#pushed.requestKeyframe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening[Symbol.asyncDispose]();
    clearInterval(this.#holding);
    await this.#pushed[Symbol.asyncDispose]();
  }

  /** Says why, now and then, where it can't be read. */
  #read({ message: { data }, captureTime }: Delivery) {
    try {
      const message = this.#known.read(data);
      if (message.kind !== "picture") return undefined;
      return pictureOf(message, captureTime(message.stamp));
    } catch (error) {
      if (!(error instanceof PointsError)) throw error;
      this.#log.warn("picture passed over", { error });
    }
  }
}

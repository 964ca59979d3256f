import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import { beginsDecoding } from "../../media/encoded_picture.ts";
import type {
  MediaSource,
  MediaSourceEvents,
} from "../../media/media_source.ts";
import type { MediaTrack } from "../../media/media_track.ts";
import type { CopiedCodec } from "../../media/copied_video.ts";
import type { PushedMedia, PushedPicture } from "../../media/pushed_media.ts";
import type { PictureFormat } from "../../ros/picture_format.ts";
import { PointsError } from "../../points/errors.ts";
import { SourceError } from "../errors.ts";
import { pictureOf } from "../message_picture.ts";
import type { BagPlayer } from "./bag_player.ts";
import type { Delivery } from "./playing.ts";
import type { KnownTopic } from "./topics.ts";

/** Options of {@linkcode BagPictures}. */
export interface BagPicturesOptions {
  /** What they are pushed into; disposed of with them. */
  pushed: PushedMedia;
  /** What they are of, where they are handed on as they are. */
  copied?: CopiedCodec;
  log: Logger;
}

/** Messages that are looked through for a picture to begin with. */
const MAX_PREVIEW = 300;
/** Time from one to the next while it stands, milliseconds. */
const HOLD_MS = 100;

/** What can be handed on, by how messages name it. */
const COPIED: ReadonlyMap<PictureFormat, CopiedCodec> = new Map([
  ["h264", "H264"],
  ["h265", "H265"],
  ["vp8", "VP8"],
  ["vp9", "VP9"],
  ["av1", "AV1"],
]);

/**
 * Finds what the pictures of a topic are of, so that they can go on as they
 * were recorded.
 *
 * @throws {SourceError} where they aren't a video's.
 */
export async function copiedCodecOf(
  { bag }: BagPlayer,
  { topic, read }: KnownTopic,
): Promise<CopiedCodec> {
  const topics = new Set([topic]);
  for await (const { data } of bag.messages({ topics, from: bag.start })) {
    const format = formatOf(data, read);
    const codec = format && COPIED.get(format);
    if (codec !== undefined) return codec;
    throw new SourceError(
      `The pictures of ${topic.name} can't be copied: they are ` +
        `${format ?? "in no format that is read"}, and no video; leave ` +
        "--video-codec copy out",
    );
  }
  throw new SourceError(`${topic.name} has no pictures`);
}

function formatOf(
  data: Uint8Array,
  read: KnownTopic["read"],
): PictureFormat | undefined {
  try {
    const message = read(data);
    return message.kind === "picture" ? message.format : undefined;
  } catch (error) {
    if (!(error instanceof PointsError)) throw error;
  }
}

/** The pictures of one topic of a bag, at their times. */
export class BagPictures implements MediaSource {
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #player: BagPlayer;
  readonly #known: KnownTopic;
  readonly #pushed: PushedMedia;
  readonly #log: LogThrottle;
  readonly #listening: AsyncDisposable;
  readonly #copied: CopiedCodec | undefined;
  /** Whether nothing is of use but a picture that leans on none before it. */
  #needsKeyframe = true;
  #holding: ReturnType<typeof setInterval> | undefined;

  constructor(
    player: BagPlayer,
    known: KnownTopic,
    { pushed, copied, log }: BagPicturesOptions,
  ) {
    this.#player = player;
    this.#known = known;
    this.#pushed = pushed;
    this.#copied = copied;
    this.#log = new LogThrottle(log.child({ topic: known.topic.name }));
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
    pushed.ended.then(this.#ended.resolve, this.#ended.reject);
    this.#listening = player.listen(known.topic, {
      begins: false,
      onMessage: (delivery) => {
        const picture = this.#read(delivery);
        if (picture !== undefined && this.#takes(picture)) pushed.push(picture);
      },
      onJump: () => void (this.#needsKeyframe = true),
      // A bag that is over leaves its last picture; others may go on.
      onEnd: (failure) => failure && this.#ended.reject(failure.error),
    });
  }

  get tracks(): readonly MediaTrack[] {
    return this.#pushed.tracks;
  }

  /** What is encoded has its first picture stand until then. */
  get awaitsPoints(): boolean {
    return this.#copied !== undefined && this.#player.isAwaited;
  }

  get videoBitrates(): MediaSource["videoBitrates"] {
    return this.#pushed.videoBitrates;
  }

  /**
   * Begins to play, or where clouds are played too, shows the first picture
   * until they begin: encoders take a while to start. What is copied has none.
   */
  start(events: MediaSourceEvents): void {
    this.#pushed.start(events);
    if (!this.#player.isAwaited) return this.#player.begin();
    if (this.#copied !== undefined) return;
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

  /** Leaves out what leans on pictures that weren't played. */
  #takes({ format, bytes }: PushedPicture): boolean {
    if (this.#copied && COPIED.get(format as PictureFormat) !== this.#copied) {
      this.#log.warn("picture passed over", { format, copied: this.#copied });
      return false;
    }
    this.#needsKeyframe &&= !beginsDecoding(format, bytes);
    return !this.#needsKeyframe;
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

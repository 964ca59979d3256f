import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import type {
  MediaSource,
  MediaSourceEvents,
} from "../../media/media_source.ts";
import { PushedSound } from "../../media/pushed_sound.ts";
import { PointsError } from "../../points/errors.ts";
import type { BagPlayer } from "./bag_player.ts";
import type { Delivery } from "./playing.ts";
import type { KnownTopic } from "./topics.ts";

/** The sound of one topic of a bag, at its times, as it was recorded. */
export class BagSound implements MediaSource {
  readonly ended: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  readonly #player: BagPlayer;
  readonly #known: KnownTopic;
  readonly #pushed = new PushedSound();
  readonly #log: LogThrottle;
  readonly #listening: AsyncDisposable;

  constructor(player: BagPlayer, known: KnownTopic, log: Logger) {
    this.#player = player;
    this.#known = known;
    this.#log = new LogThrottle(log.child({ topic: known.topic.name }));
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
    this.#listening = player.listen(known.topic, {
      begins: false,
      onMessage: (delivery) => this.#push(delivery),
      onEnd: (failure) => failure && this.#ended.reject(failure.error),
    });
  }

  get tracks(): MediaSource["tracks"] {
    return this.#pushed.tracks;
  }

  get awaitsPoints(): boolean {
    return this.#player.isAwaited;
  }

  /** Begins to play, where no clouds are waited for. */
  start(events: MediaSourceEvents): void {
    this.#pushed.start(events);
    if (!this.#player.isAwaited) this.#player.begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening[Symbol.asyncDispose]();
    await this.#pushed[Symbol.asyncDispose]();
    this.#ended.resolve();
  }

  #push({ message: { data }, captureTime }: Delivery): void {
    // Packets last as long as they last: faster, they would only pile up.
    if (this.#player.speed !== 1 || this.#player.isPaused) return;
    try {
      const message = this.#known.read(data);
      if (message.kind !== "sound") return;
      this.#pushed.push(message.bytes, captureTime(message.stamp));
    } catch (error) {
      const isBad = error instanceof PointsError || error instanceof TypeError;
      if (!isBad) throw error;
      this.#log.warn("sound passed over", { error });
    }
  }
}

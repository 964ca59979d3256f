/** One session that the page plays, or the next in its place. */
import type { AuthorizedFetch } from "./authorized_fetch.ts";
import { Follower, type FollowState } from "./follower.ts";
import { sectionsFor } from "./media_tiles.ts";
import { HttpMedia, type HttpMediaEvents } from "./http_media.ts";
import { playByHttp } from "./http_player.ts";
import type { HttpWay } from "./http_way.ts";
import {
  NoWayError,
  play,
  type PlayerEvents,
  type PlayOptions,
} from "./player.ts";
import type { Streams } from "./streams.ts";
import type { VideoPanel } from "./video_panel.ts";
import type { VideoCounts } from "./video_support.ts";
import { whyNoDecoder } from "./web_codecs.ts";

/** A live session without points for so long has none, milliseconds. */
const NO_POINTS_MS = 1_500;

export interface SessionPlayerOptions {
  /** Names it among all players. */
  key: string;
  /** Name or id of the session to play. @default {the newest} */
  asked?: string;
  /** Goes before the names of its streams and videos. @default {nothing} */
  title?: string;
  /** Where its points go. */
  streams: Streams;
  /** Where its pictures and sound go. */
  video: VideoPanel;
  fetch: AuthorizedFetch;
  /** The query that asks for a part of the clouds, with its `?`. */
  selection: string;
  /** How it is played where WebRTC doesn't get through. */
  httpWay: HttpWay;
  /** Tells what tracks a session has, as far as that is known. */
  tracksOf(id: string): readonly { kind: string }[] | undefined;
  /** Called when another session is played, that doesn't resume the last. */
  onOther(): void;
  /** Called when a connection begins. */
  onConnecting(): void;
  /** Called when it does something else. */
  onState(state: FollowState): void;
}

/** Plays a session, and knows what comes of it. */
export class SessionPlayer implements Disposable {
  readonly key: string;
  readonly follower: Follower;
  readonly title: string;
  readonly #streams: Streams;
  readonly #video: VideoPanel;
  readonly #httpWay: HttpWay;
  state: FollowState = { kind: "idle" };
  /** When it was connected, milliseconds. */
  liveSince = 0;
  /** Whether it comes by HTTP, as UDP doesn't get through. */
  isByHttp = false;
  /** Whether it isn't played, as others take what connections there are. */
  isLeftOut = false;
  /** What came of its picture. */
  videoCounts: VideoCounts | undefined;

  constructor(options: SessionPlayerOptions) {
    const { key, asked, title = "", streams, video, fetch, ...events } =
      options;
    this.#httpWay = options.httpWay;
    this.key = key;
    this.title = title;
    this.#streams = streams;
    this.#video = video;
    this.follower = new Follower(
      (id, onConnected, signal) =>
        this.#play(
          id,
          {
            onConnected,
            onStream: (name) => streams.open(key, name, title),
            onMedia: (tracks) => video.show(key, tracks, title),
            onTrackClock: (clock) => video.setClock(key, clock.mid, clock),
            onVideo: (counts) => this.videoCounts = counts,
            onPicture: (mid, time) => video.setPictureTime(key, mid, time),
          },
          {
            ...{ fetch, signal, selection: events.selection },
            sections: sectionsFor(events.tracksOf(id)),
          },
        ),
      {
        onState: (state) => {
          this.state = state;
          if (state.kind === "live") this.liveSince = performance.now();
          if (state.kind === "connecting") {
            this.videoCounts = undefined;
            streams.interrupt(key);
            events.onConnecting();
          }
          if (state.kind === "ended") {
            video.interrupt(key);
            streams.interrupt(key);
          }
          events.onState(state);
        },
        onStream: (_id, resumes) => {
          video.interrupt(key);
          if (resumes) return;
          streams.close(key);
          events.onOther();
        },
      },
      { asked },
    );
  }

  /** Clouds that came on this connection. */
  get clouds(): number {
    return this.#streams.framesOf(this.key);
  }

  /** Whether it is live with a picture, and without points. */
  isMediaOnly(now: number): boolean {
    return this.state.kind === "live" && this.clouds === 0 &&
      this.#video.hasPicture(this.key) && now - this.liveSince > NO_POINTS_MS;
  }

  /** Milliseconds since the last message of its points. */
  silence(now: number): number {
    return now - this.#streams.heardAt(this.key);
  }

  /** Plays by WebRTC, or by HTTP where that doesn't come up. */
  async #play(
    id: string,
    events: PlayerEvents & HttpMediaEvents,
    options: PlayOptions,
  ): Promise<string> {
    const { fetch, signal } = options;
    this.isByHttp = this.#httpWay.isNeeded;
    this.isLeftOut = false;
    if (!this.isByHttp) {
      try {
        return await play(id, events, options);
      } catch (error) {
        if (!(error instanceof NoWayError)) throw error;
      }
      signal.throwIfAborted();
      this.isByHttp = true;
    }
    using taken = this.#httpWay.take();
    this.isLeftOut = taken === undefined;
    if (this.isLeftOut) throw new Error("the browser has no connection left");
    events.onMedia([]);
    const failure = whyNoDecoder();
    if (failure !== undefined) {
      events.onVideo({ received: 0, decoded: 0, failure });
    }
    using media = failure === undefined ? new HttpMedia(events) : undefined;
    const isHidden = () => document.hidden;
    return await playByHttp(id, events, { fetch, signal, media, isHidden });
  }

  /** Stops playing; what it showed is gone. */
  [Symbol.dispose](): void {
    this.follower[Symbol.dispose]();
    this.#streams.close(this.key);
    this.#video.show(this.key, []);
  }
}

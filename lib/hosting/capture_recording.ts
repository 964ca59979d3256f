import type { MediaSource } from "../media/media_source.ts";
import type { MediaTrack } from "../media/media_track.ts";
import { parseRtp } from "../media/rtp.ts";
import { UndecodedCloud } from "../points/undecoded_cloud.ts";
import type { RecordedSession } from "../recording/recording_options.ts";
import { Feed } from "../session/feed.ts";
import {
  mapSource,
  type PointSource,
  type TimedCloud,
} from "../sources/source.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import type { StreamPlace } from "../wire/stream_place.ts";
import { carryByPort } from "./feed_carrier.ts";
import { FeedExport, RECORDED_FRAMES_UNDER_WAY } from "./feed_link.ts";
import { withLayer } from "./layer.ts";
import type { SupervisedDesk } from "./supervised_desk.ts";

/** What a stream is called, and where it stands unless its source says. */
interface CapturedStream {
  name: string;
  place?: StreamPlace;
}

/**
 * Records what a client captures, whatever the network does: sources and media
 * that it has given are recorded as they are used.
 */
export class CaptureRecording implements AsyncDisposable {
  readonly #desk: SupervisedDesk;
  readonly #feed = new Feed();
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<string>();

  constructor(desk: SupervisedDesk) {
    this.#desk = desk;
  }

  /** Gives a source whose clouds are recorded as they are taken. */
  source(source: PointSource, stream: CapturedStream): PointSource {
    let number = 0;
    let { place } = stream;
    return mapSource(source, (timed) => {
      place = timed.place ?? place;
      const { name } = stream;
      this.#feed.frame(frameOf(timed, { stream: name, number, place }));
      number = number + 1 >>> 0;
      return timed;
    });
  }

  /** Gives media whose packets are recorded as they come. */
  media(media: MediaSource): MediaSource {
    const indexes = new Map<MediaTrack, number>();
    for (const track of media.tracks) {
      indexes.set(track, indexes.size);
      const { name, kind, codec, clockRate } = track;
      this.#feed.addTrack({
        ...{ name, kind, codec, clockRate },
        requestKeyframe: () => media.requestKeyframe?.(track),
      });
    }
    const start: MediaSource["start"] = (events) =>
      media.start({
        onRtp: (track, packet) => {
          const view = parseRtp(packet);
          const index = indexes.get(track);
          if (view !== undefined && index !== undefined) {
            this.#feed.packet(index, view);
          }
          events.onRtp(track, packet);
        },
        onSenderReport: (track, report) => {
          const index = indexes.get(track);
          if (index !== undefined) this.#feed.clock(index, report);
          events.onSenderReport?.(track, report);
        },
      });
    return withLayer(media, { start });
  }

  /** Begins, once all tracks are known. */
  async start(session: RecordedSession): Promise<void> {
    const { id } = session;
    const closed = this.#closed.promise;
    const captured = { id, feed: this.#feed, closed, endCode: undefined };
    await this.#desk.start(session, () => {
      const { port1, port2 } = new MessageChannel();
      new FeedExport(captured, carryByPort(port1), RECORDED_FRAMES_UNDER_WAY);
      return Promise.resolve(port2);
    });
  }

  /** Ends; resolves when the files are whole. Doing it again is harmless. */
  close(): Promise<void> {
    this.#closed.resolve("all was captured");
    return this.#closing ??= this.#desk.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A cloud as it would come from the wire, without encoding it. */
function frameOf(
  { cloud, captureTime }: TimedCloud,
  info: Pick<EncodedFrame, "stream" | "number" | "place">,
): EncodedFrame {
  const { fields, stride, width, height, points } = cloud;
  const encoded = cloud instanceof UndecodedCloud
    ? { codec: cloud.codec, bytes: cloud.bytes }
    : { codec: "raw" as const, bytes: cloud.data };
  return {
    ...{ ...info, captureTime, fields, stride, width, height, points },
    ...encoded,
  };
}

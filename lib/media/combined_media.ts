import type { MediaSource, MediaSourceEvents } from "./media_source.ts";
import type { MediaTrack } from "./media_track.ts";

/** A media source of several, and what its tracks are called. */
export interface NamedMedia {
  /** What its tracks are called. */
  name?: string;
  /** Where they come from; disposed of with all. */
  media: MediaSource;
}

/**
 * Several media sources as one: cameras and microphones side by side, each
 * track called as its source is. One that ends leaves the others.
 */
export class CombinedMedia implements MediaSource {
  /** Those of all sources, in their order. */
  readonly tracks: readonly MediaTrack[];
  /** Settles when all have ended; rejects with the first one's error then. */
  readonly ended: Promise<void>;
  readonly #sources: readonly MediaSource[];
  /** The tracks by those of the sources. */
  readonly #own = new Map<MediaTrack, MediaTrack>();

  /** Takes sources that weren't started. */
  constructor(sources: readonly NamedMedia[]) {
    this.#sources = sources.map(({ media }) => media);
    for (const { name, media } of sources) {
      for (const track of media.tracks) {
        this.#own.set(track, { ...track, name });
      }
    }
    this.tracks = [...this.#own.values()];
    this.ended = allEnded(this.#sources);
    this.ended.catch(() => {});
  }

  /** Whether none of them gives anything before. */
  get awaitsPoints(): boolean {
    return this.#sources.every(({ awaitsPoints = false }) => awaitsPoints);
  }

  /** Of all videos together. */
  get videoBitrates(): MediaSource["videoBitrates"] {
    return totalOf(this.#sources);
  }

  /** Starts all sources. */
  start(events: MediaSourceEvents): void {
    for (const source of this.#sources) {
      source.start({
        onRtp: (track, packet) => events.onRtp(this.#own.get(track)!, packet),
        onSenderReport: (track, report) =>
          events.onSenderReport?.(this.#own.get(track)!, report),
      });
    }
  }

  /** Shares the bits out as the sources would take them with room for all. */
  setVideoBitrate(bitsPerSecond: number): void {
    const { most = 0 } = this.videoBitrates ?? {};
    for (const source of this.#sources) {
      const own = source.videoBitrates?.most;
      if (own === undefined || most === 0) continue;
      source.setVideoBitrate?.(bitsPerSecond * own / most);
    }
  }

  /** Asks the source of a track for a keyframe, or all of them. */
  requestKeyframe(track?: MediaTrack): void {
    for (const source of this.#sources) {
      const of = source.tracks.find((own) => this.#own.get(own) === track);
      if (track === undefined || of) source.requestKeyframe?.(of);
    }
  }

  /** Resolves when all sources are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#sources.map((source) => source[Symbol.asyncDispose]()),
    );
  }
}

function totalOf(
  sources: readonly MediaSource[],
): MediaSource["videoBitrates"] {
  const ranges = sources.flatMap(({ videoBitrates }) => videoBitrates ?? []);
  if (ranges.length === 0) return undefined;
  return {
    least: ranges.reduce((sum, { least }) => sum + least, 0),
    most: ranges.reduce((sum, { most }) => sum + most, 0),
  };
}

async function allEnded(sources: readonly MediaSource[]): Promise<void> {
  const ends = await Promise.allSettled(sources.map(({ ended }) => ended));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

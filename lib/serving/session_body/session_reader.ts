import { unlessAborted } from "../../async.ts";
import type { ByteBudget } from "../../limits/byte_budget.ts";
import type { MediaCodec } from "../../media/frame.ts";
import { KeyframeSets } from "../../media/keyframe_sets.ts";
import type { RtpPacketView } from "../../media/rtp.ts";
import type { ClockPair } from "../../media/rtp_clock.ts";
import { countBytes, joinBytes } from "../../points/join_bytes.ts";
import { TrackReader } from "../../recording/track_reader.ts";
import type { Feed, FeedSink, FeedTrack } from "../../session/feed.ts";
import { noForwarding } from "../../session/forwarding.ts";
import type { TrackFormat } from "../../transport/sdp/profiles.ts";
import { CHUNK_BYTES, type EncodedFrame } from "../../wire/frame.ts";
import type { TracksMessage } from "../../wire/session_messages.ts";
import {
  mediaRecord,
  type RecordParts,
  textRecord,
} from "../../wire/session_records.ts";
import { CloudBacklog } from "./cloud_backlog.ts";
import { TrackBacklog } from "./track_backlog.ts";

export interface SessionReaderOptions {
  /** What is held for all who read. */
  budget: ByteBudget;
  /** Whether pictures and sound are read, too. */
  hasMedia: boolean;
}

/** Bytes after which records are handed over together. */
const ENOUGH_BYTES = 32 * 1024;

interface Track {
  readonly kind: FeedTrack["kind"];
  readonly name: string | undefined;
  /** The codec that the reader was told of. */
  told: MediaCodec | undefined;
  readonly frames: TrackReader;
  readonly sets: KeyframeSets;
  readonly backlog: TrackBacklog;
}

/**
 * Reads all of a feed, as records, at the reader's own pace: sound first, then
 * pictures, which leave half of the path to clouds.
 */
export class SessionReader implements FeedSink, Disposable {
  readonly forwarded = noForwarding();
  readonly #tracks: readonly Track[];
  readonly #clouds: CloudBacklog;
  readonly #joined: Disposable;
  readonly #texts: RecordParts[];
  /** Of pictures, since the last message of points. */
  #pictureBytes = 0;
  #coming = Promise.withResolvers<void>();

  /** Joins a feed, until it is disposed of. */
  constructor(feed: Feed, { budget, hasMedia }: SessionReaderOptions) {
    this.#tracks = feed.tracks.filter(() => hasMedia).map((track) => ({
      kind: track.kind,
      name: track.name,
      told: track.codec,
      frames: new TrackReader(track.clockRate, track.codec),
      sets: new KeyframeSets(),
      backlog: new TrackBacklog({
        budget,
        requestKeyframe: () => track.requestKeyframe(),
      }),
    }));
    this.#clouds = new CloudBacklog({ budget, forwarded: this.forwarded });
    this.#texts = [textRecord(this.#tracksMessage())];
    this.#joined = feed.join(this);
  }

  /**
   * Takes the next records, or waits for some.
   *
   * @throws the signal's reason when it is aborted.
   */
  async take(signal: AbortSignal): Promise<Uint8Array> {
    while (true) {
      signal.throwIfAborted();
      const records = this.#records();
      if (records.length > 0) return joinBytes(records);
      await unlessAborted(this.#coming.promise, signal);
    }
  }

  onFrame(frame: EncodedFrame): void {
    this.#clouds.push(frame);
    this.#come();
  }

  onFormat(track: number, { codec }: TrackFormat): void {
    this.#tracks[track]?.frames.setCodec(codec);
  }

  onPacket(track: number, packet: RtpPacketView): void {
    const { frames, backlog } = this.#tracks[track] ?? {};
    for (const timed of frames?.push(packet, Date.now()) ?? []) {
      backlog?.push(timed);
      this.#come();
    }
  }

  onClock(track: number, clock: ClockPair): void {
    this.#tracks[track]?.frames.setClock(clock);
  }

  [Symbol.dispose](): void {
    this.#joined[Symbol.dispose]();
    this.#clouds[Symbol.dispose]();
    for (const { backlog } of this.#tracks) backlog[Symbol.dispose]();
  }

  #come(): void {
    this.#coming.resolve();
    this.#coming = Promise.withResolvers();
  }

  #records(): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (let bytes = 0; bytes < ENOUGH_BYTES;) {
      const parts = this.#next();
      if (parts === undefined) break;
      records.push(...parts);
      bytes += countBytes(parts);
    }
    return records;
  }

  #next(): RecordParts | undefined {
    const urgent = this.#texts.shift() ?? this.#mediaOf("audio");
    if (urgent !== undefined) return urgent;
    if (this.#pictureBytes < CHUNK_BYTES) {
      const picture = this.#mediaOf("video");
      this.#pictureBytes += countBytes(picture ?? []);
      if (picture !== undefined) return picture;
    }
    const points = this.#clouds.next();
    if (points !== undefined) this.#pictureBytes = 0;
    return points ?? this.#mediaOf("video");
  }

  /** Gives what waits the longest. */
  #mediaOf(kind: FeedTrack["kind"]): RecordParts | undefined {
    const tracks = this.#tracks.filter((track) => track.kind === kind);
    const first = Math.min(...tracks.map(({ backlog }) => backlog.since));
    const track = tracks.find(({ backlog }) => backlog.since === first);
    const timed = track?.backlog.shift();
    if (track === undefined || timed === undefined) return undefined;
    const { frame, time: captureTime } = timed;
    const told: RecordParts = [];
    if (frame.codec !== track.told) {
      track.told = frame.codec;
      told.push(...textRecord(this.#tracksMessage()));
    }
    const record = mediaRecord(this.#tracks.indexOf(track), {
      isKeyframe: frame.keyframe,
      captureTime,
      data: track.sets.complete(frame),
    });
    return [...told, ...record];
  }

  #tracksMessage(): TracksMessage {
    return {
      type: "tracks",
      tracks: this.#tracks.map(({ kind, name, told: codec = null }) => ({
        ...{ kind, name, codec },
      })),
    };
  }
}

import type { RtpPacketView } from "../media/rtp.ts";
import { type ClockPair, unixTimeOf } from "../media/rtp_clock.ts";
import type { Feed, FeedSink, FeedTrack } from "../session/feed.ts";
import type { TrackFormat } from "../transport/sdp/profiles.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { KeyframeAsker } from "./keyframe_asker.ts";
import {
  McapRecording,
  type McapRecordingOptions,
} from "./mcap/mcap_recording.ts";
import { MediaRecording } from "./media/media_recording.ts";
import { PublisherClock } from "./publisher_clock.ts";
import { TrackFiles } from "./track_files.ts";
import { TrackReader } from "./track_reader.ts";

/** Time within which what came is in the file, milliseconds. */
const FLUSH_MS = 500;

/** A track of the session, and what it is called in files. */
interface Track {
  name: string;
  reader: TrackReader;
  keyframes: KeyframeAsker;
}

/** Records what a session's feed has, until it is closed. */
export class SessionRecording implements FeedSink {
  /** It doesn't count as somebody who watches. */
  readonly watchers = 0;
  readonly #id: string;
  readonly #tracks: readonly Track[];
  readonly #mcap: McapRecording;
  readonly #media: MediaRecording | undefined;
  readonly #raw: TrackFiles | undefined;
  readonly #clock = new PublisherClock();
  readonly #joined: Disposable;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(feed: Feed, given: McapRecordingOptions) {
    const { session, options, log } = given;
    this.#id = session.id;
    this.#tracks = trackNames(feed.tracks).map((name, i) => {
      const track = feed.tracks[i];
      return {
        name,
        reader: new TrackReader(track.clockRate, track.codec),
        keyframes: new KeyframeAsker(() => track.requestKeyframe()),
      };
    });
    const requestKeyframes = () =>
      feed.tracks.forEach((track) => track.requestKeyframe());
    const { media = "files", folder } = options;
    this.#mcap = new McapRecording({ ...given, onFile: requestKeyframes });
    if (media === "files") {
      this.#media = new MediaRecording({ ...given, requestKeyframes });
    } else if (media === "raw") this.#raw = new TrackFiles(folder, log);
    this.#timer = setInterval(() => this.#mcap.flush(), FLUSH_MS);
    this.#joined = feed.join(this);
  }

  onFrame(frame: EncodedFrame): void {
    this.#clock.compare(frame.clock);
    this.#mcap.cloud(frame, Date.now());
  }

  onFormat(track: number, { codec }: TrackFormat): void {
    this.#tracks[track].reader.setCodec(codec);
  }

  onPacket(index: number, packet: RtpPacketView): void {
    const now = Date.now();
    const { name, reader, keyframes } = this.#tracks[index];
    for (const timed of reader.push(packet, now)) {
      const stamp = this.#clock.ownTime(timed.time);
      this.#mcap.media(name, timed, { now, stamp });
      this.#media?.add(name, timed, now);
      const { frame } = timed;
      keyframes.see(frame, performance.now());
      this.#raw?.record({ session: this.#id, track: index, frame });
    }
  }

  onClock(track: number, clock: ClockPair): void {
    this.#clock.see(unixTimeOf(clock.ntpTimestamp), Date.now());
    this.#tracks[track].reader.setClock(clock);
  }

  /** Completes the files. It never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#joined[Symbol.dispose]();
    await Promise.all([
      this.#mcap.close(),
      this.#media?.close(),
      this.#raw?.close(),
    ]);
  }
}

/** What tracks are called: `video`, `front/video`, `video_2`, … */
function trackNames(tracks: readonly FeedTrack[]): string[] {
  const counts = new Map<string, number>();
  return tracks.map(({ kind, name }) => {
    const own = name === undefined ? kind : `${name}/${kind}`;
    const count = (counts.get(own) ?? 0) + 1;
    counts.set(own, count);
    return count === 1 ? own : `${own}_${count}`;
  });
}

import { Counter, Gauge, type Registry } from "prom-client";
import { LATENCY_BOUNDS_S } from "../session/latency.ts";
import { ROUND_TRIP_BOUNDS_S } from "../transport/link_monitor.ts";
import type { SessionAccount } from "./session_book.ts";
import { registerSnapshotHistogram } from "./snapshot_histogram.ts";

/** A value for each value of one label. */
type Labelled = Record<string, number>;

/** A count over all sessions, those that are over with them. */
interface SessionCounter {
  /** Between `pointwire_` and `_total`. */
  name: string;
  help: string;
  /** What tells its values apart, where there are several. */
  label?: string;
  read(account: SessionAccount): number | Labelled;
}

/**
 * Makes the metrics of sessions in `registry`. Some are labelled with what the
 * sessions are called, of which there are so many at the most; none with ids,
 * of which there are ever new ones.
 *
 * @param account gives the counts; called each time that a metric is read.
 */
export function registerSessionMetrics(
  registry: Registry,
  account: () => SessionAccount,
): void {
  const registers = [registry];

  function counter({ name, help, label, read }: SessionCounter): void {
    new Counter({
      name: `pointwire_${name}_total`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers,
      collect() {
        this.reset();
        const value = read(account());
        if (typeof value === "number") return this.inc(value);
        for (const [name, count] of Object.entries(value)) {
          this.inc({ [label!]: name }, count);
        }
      },
    });
  }

  new Gauge({
    name: "pointwire_sessions",
    help: "Publishers' sessions that live.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const state of ["connecting", "connected"]) {
        const { sessions } = account();
        const those = sessions.filter((session) => session.state === state);
        this.set({ state }, those.length);
      }
    },
  });
  new Gauge({
    name: "pointwire_watchers",
    help: "Connected watchers of all sessions.",
    registers,
    collect() {
      const { sessions } = account();
      this.set(sessions.reduce((sum, { watchers }) => sum + watchers, 0));
    },
  });
  counter({
    name: "sessions_connected",
    help: "Sessions that have connected.",
    read: ({ connected }) => connected,
  });
  counter({
    name: "sessions_closed",
    help: "Sessions that are over, by how they ended.",
    label: "code",
    read: ({ closed }) => closed,
  });

  counter({
    name: "frames",
    help: "Whole frames of points received.",
    read: ({ totals }) => totals.frames,
  });
  counter({
    name: "points",
    help: "Points received.",
    read: ({ totals }) => totals.points,
  });
  counter({
    name: "points_bytes",
    help: "Encoded bytes of the frames received.",
    read: ({ totals }) => totals.pointsBytes,
  });
  counter({
    name: "frames_dropped",
    help: "Frames not sent whole: by publishers that could not keep up " +
      "(publisher), as their numbers show, or to watchers that could not " +
      "(watcher).",
    label: "reason",
    read: ({ totals: { skipped, forwarded } }) => ({
      publisher: skipped,
      watcher: forwarded.framesDropped,
    }),
  });
  counter({
    name: "invalid_messages",
    help: "Messages that were not the points they should be.",
    label: "reason",
    read: ({ totals }) => totals.invalid,
  });
  counter({
    name: "forwarded_frames",
    help: "Frames sent to watchers.",
    read: ({ totals }) => totals.forwarded.framesSent,
  });
  counter({
    name: "untaken_tracks",
    help: "Tracks that watchers were not sent, as they don't take the codec.",
    read: ({ totals }) => totals.forwarded.tracksUntaken,
  });
  counter({
    name: "forwarded_bytes",
    help: "Bytes of the frames sent to watchers.",
    read: ({ totals }) => totals.forwarded.bytesSent,
  });

  const named = (name: string, help: string, read: TotalOf) =>
    counter({
      name: `session_${name}`,
      help,
      label: "session",
      read: ({ byName }) =>
        Object.fromEntries(
          [...byName].map(([name, totals]) => [name, read(totals)]),
        ),
    });
  named("frames", "Whole frames of points, by session.", (t) => t.frames);
  named("points", "Points, by session.", (t) => t.points);
  named(
    "bytes",
    "Encoded bytes of points, audio and video, by session.",
    ({ pointsBytes, media: { video, audio } }) =>
      pointsBytes + video.bytes + audio.bytes,
  );
  named(
    "frames_skipped",
    "Frames that the publisher dropped, by session.",
    (t) => t.skipped,
  );

  const media = (name: string, field: MediaField, help: string) =>
    counter({
      name: `media_${name}`,
      help,
      label: "kind",
      read: ({ totals: { media } }) => ({
        video: media.video[field],
        audio: media.audio[field],
      }),
    });
  media("frames", "frames", "Frames of audio and video received.");
  media("bytes", "bytes", "Bytes of the frames of audio and video.");
  media("packets", "packets", "RTP packets received.");
  media("packets_lost", "packetsLost", "RTP packets that never came.");
  media("packets_invalid", "invalid", "RTP packets that could not be read.");

  registerSnapshotHistogram(registry, {
    name: "pointwire_frame_latency_seconds",
    help: "From a frame's capture to its being whole here, on two clocks.",
    bounds: LATENCY_BOUNDS_S,
    read: () => account().totals.latency,
  });
  registerSnapshotHistogram(registry, {
    name: "pointwire_round_trip_seconds",
    help: "Round-trip times of publishers' connectivity checks.",
    bounds: ROUND_TRIP_BOUNDS_S,
    read: () => account().totals.roundTrips,
  });
}

type TotalOf = (totals: SessionAccount["totals"]) => number;
type MediaField = keyof SessionAccount["totals"]["media"]["video"];

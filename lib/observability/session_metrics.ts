import { Counter, Gauge, type Registry } from "prom-client";
import { LATENCY_BOUNDS_S } from "../session/latency.ts";
import { ROUND_TRIP_BOUNDS_S } from "../transport/link_monitor.ts";
import type { SessionAccount } from "./session_book.ts";
import { registerSnapshotHistogram } from "./snapshot_histogram.ts";

/** A value for each value of one label. */
type Labelled = Record<string, number>;

/**
 * Makes the metrics of sessions in `registry`. None is labelled with a session:
 * there are ever new ones, and a time series for each would never end.
 *
 * @param account what they are read from, each time that they are asked for.
 */
export function registerSessionMetrics(
  registry: Registry,
  account: () => SessionAccount,
): void {
  const registers = [registry];

  function counter(
    name: string,
    help: string,
    read: (account: SessionAccount) => number | Labelled,
    label?: string,
  ): void {
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
  counter(
    "sessions_connected",
    "Sessions that have connected.",
    ({ connected }) => connected,
  );
  counter(
    "sessions_closed",
    "Sessions that are over, by how they ended.",
    ({ closed }) => closed,
    "code",
  );

  counter(
    "frames",
    "Whole frames of points received.",
    ({ totals }) => totals.frames,
  );
  counter("points", "Points received.", ({ totals }) => totals.points);
  counter(
    "points_bytes",
    "Encoded bytes of the frames received.",
    ({ totals }) => totals.pointsBytes,
  );
  counter(
    "frames_dropped",
    "Frames not sent whole: by publishers that could not keep up " +
      "(publisher), as their numbers show, or to watchers that could not " +
      "(watcher).",
    ({ totals: { skipped, forwarded } }) => ({
      publisher: skipped,
      watcher: forwarded.framesDropped,
    }),
    "reason",
  );
  counter(
    "invalid_messages",
    "Messages that were not the points they should be.",
    ({ totals }) => totals.invalid,
    "reason",
  );
  counter(
    "forwarded_frames",
    "Frames sent to watchers.",
    ({ totals }) => totals.forwarded.framesSent,
  );
  counter(
    "forwarded_bytes",
    "Bytes of the frames sent to watchers.",
    ({ totals }) => totals.forwarded.bytesSent,
  );

  const media = (name: string, field: MediaField, help: string) =>
    counter(`media_${name}`, help, ({ totals: { media } }) => ({
      video: media.video[field],
      audio: media.audio[field],
    }), "kind");
  media("frames", "frames", "Frames of audio and video received.");
  media("bytes", "bytes", "Bytes of the frames of audio and video.");
  media("packets", "packets", "RTP packets received.");
  media("packets_lost", "packetsLost", "RTP packets that never came.");
  media("packets_invalid", "invalid", "RTP packets that could not be read.");

  registerSnapshotHistogram(
    registry,
    "pointwire_frame_latency_seconds",
    "From a frame's capture to its being whole here, on two clocks.",
    LATENCY_BOUNDS_S,
    () => account().totals.latency,
  );
  registerSnapshotHistogram(
    registry,
    "pointwire_round_trip_seconds",
    "Round-trip times of publishers' connectivity checks.",
    ROUND_TRIP_BOUNDS_S,
    () => account().totals.roundTrips,
  );
}

type MediaField = keyof SessionAccount["totals"]["media"]["video"];

import { assertEquals, assertStringIncludes } from "@std/assert";
import { ServerMetrics } from "../../lib/observability/server_metrics.ts";
import { LATENCY_BOUNDS_S } from "../../lib/session/latency.ts";
import type { TrackCounters } from "../../lib/transport/rtp/track_counters.ts";
import { testWith } from "../support.ts";
import { readSamples, ScriptedHost, snapshotOf } from "./support.ts";

const VIDEO: TrackCounters = {
  ...{ kind: "video", name: null, codec: "VP8", width: 320, height: 240 },
  ...{ frames: 9, keyframes: 1, bytes: 900, packets: 20, packetsLost: 2 },
  ...{ packetsRequested: 3, keyframesRequested: 1 },
  invalid: 1,
};

/** Metrics that have something to say in each family. */
function busyMetrics() {
  const script = new ScriptedHost();
  const state = { ready: true };
  const metrics = new ServerMetrics(script.host, () => state.ready);
  const base = snapshotOf("", 3);
  script.find(
    snapshotOf("a", 3, {
      watchers: 2,
      forwarded: {
        ...{ framesSent: 5, framesDropped: 1, bytesSent: 500 },
        tracksUntaken: 3,
      },
      latency: {
        counts: LATENCY_BOUNDS_S.map((_, i) => i === 1 ? 2 : 0),
        sum: 20.016,
        count: 3,
      },
      points: { ...base.points, skipped: 4, invalidReasons: { text: 6 } },
      tracks: [VIDEO, VIDEO],
    }),
    snapshotOf("b", 1, { state: "connecting", connectedAt: null }),
  );
  script.observer.onConnected?.(snapshotOf("a", 0));
  script.close(snapshotOf("c", 10), "stopped");
  metrics.answered({ method: "GET", route: "/whep/:id", status: 200 });
  metrics.answered({ method: "GET", route: "/whep/:id", status: 200 });
  metrics.answered({ method: "BREW", route: undefined, status: 405 });
  return { metrics, state };
}

testWith(
  [],
  "ServerMetrics says what sessions and requests came to",
  async () => {
    const { metrics, state } = busyMetrics();
    using _ = metrics;
    const samples = readSamples(await metrics.text());
    const expected = {
      'pointwire_sessions{state="connecting"}': 1,
      'pointwire_sessions{state="connected"}': 1,
      "pointwire_sessions_connected_total": 1,
      'pointwire_sessions_closed_total{code="stopped"}': 1,
      "pointwire_watchers": 2,
      "pointwire_frames_total": 14,
      "pointwire_points_total": 140,
      'pointwire_frames_dropped_total{reason="publisher"}': 4,
      'pointwire_frames_dropped_total{reason="watcher"}': 1,
      'pointwire_invalid_messages_total{reason="text"}': 6,
      "pointwire_forwarded_frames_total": 5,
      "pointwire_forwarded_bytes_total": 500,
      "pointwire_untaken_tracks_total": 3,
      'pointwire_media_packets_total{kind="video"}': 40,
      'pointwire_media_packets_lost_total{kind="video"}': 4,
      'pointwire_media_packets_lost_total{kind="audio"}': 0,
      'pointwire_frame_latency_seconds_bucket{le="0.005"}': 0,
      'pointwire_frame_latency_seconds_bucket{le="0.01"}': 2,
      'pointwire_frame_latency_seconds_bucket{le="10"}': 2,
      'pointwire_frame_latency_seconds_bucket{le="+Inf"}': 3,
      "pointwire_frame_latency_seconds_sum": 20.016,
      "pointwire_frame_latency_seconds_count": 3,
      'pointwire_http_requests_total{method="GET",route="/whep/:id",status="200"}':
        2,
      'pointwire_http_requests_total{method="other",route="none",status="405"}':
        1,
      "pointwire_ready": 1,
    };
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(samples.get(name), value, name);
    }
    assertEquals(samples.get("process_resident_memory_bytes")! > 1e6, true);
    assertEquals(samples.get("process_cpu_seconds_total")! > 0, true);

    state.ready = false;
    assertStringIncludes(await metrics.text(), "\npointwire_ready 0\n");
    // Read again: what is added up is not added twice.
    const again = readSamples(await metrics.text());
    assertEquals(again.get("pointwire_frames_total"), 14);
  },
);

testWith(
  ["promtool"],
  "promtool finds nothing wrong with the metrics",
  async () => {
    const { metrics } = busyMetrics();
    using _ = metrics;
    const promtool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = new Response(await metrics.text()).body!;
    const [output] = await Promise.all([
      promtool.output(),
      input.pipeTo(promtool.stdin),
    ]);
    const said = new TextDecoder().decode(output.stderr);
    assertEquals([output.code, said], [0, ""]);
  },
);

/**
 * `deno task bench:glass`: how old a picture is when a watcher has it. A camera
 * draws the time into each, the real client and the real server send it on, and
 * what a watcher decodes is read.
 */
import { abortOnTermination, readCommandLine } from "../../lib/cli/exit.ts";
import { FRAME_RATE } from "./glass/camera.ts";
import { type GlassRun, measureGlass } from "./glass/measure.ts";
import { markdownTable } from "./transport/statistics.ts";
import { percentile } from "./video/freezes.ts";

const options = readCommandLine("Usage: deno task bench:glass [OPTIONS]", {
  seconds: {
    type: "integer",
    min: 1,
    max: 600,
    default: 20,
    help: "Length of each measurement",
  },
  only: {
    type: "text",
    default: "",
    help: "Those whose name has this in it alone, such as relay",
  },
});

const RELAY = ["--delay", "25", "--loss", "1"];
const CODED: [string, Pick<GlassRun, "camera" | "clientArgs">][] = [
  ["VP8", { camera: "raw", clientArgs: ["--video-codec", "vp8"] }],
  ["H.264", { camera: "raw", clientArgs: ["--video-codec", "h264"] }],
  ["copied H.264, MPEG-TS", { camera: "h264", clientArgs: [] }],
  ["copied H.264, RTSP", { camera: "rtsp", clientArgs: [] }],
];

const signal = abortOnTermination();
const ms = (value = NaN) => `${Math.round(value)} ms`;
const rows = [[
  ...["pictures", "network", "frames a second", "whole p50", "whole p95"],
  ...["seen p50", "seen p95"],
]];
try {
  for (const [network, relay] of [["none"], ["relay", RELAY]] as const) {
    for (const [name, run] of CODED) {
      if (!`${name} ${network}`.includes(options.only)) continue;
      const { seconds } = options;
      const { glances, unread } = await measureGlass({
        ...{ ...run, relay: relay && [...relay], seconds, signal },
      });
      const whole = glances.map((glance) => glance.whole);
      const seen = glances.map((glance) => glance.seen);
      const rate = (glances.length + unread) / seconds;
      rows.push([
        ...[name, network, `${rate.toFixed(1)} of ${FRAME_RATE}`],
        ...[ms(percentile(whole, 0.5)), ms(percentile(whole, 0.95))],
        ...[ms(percentile(seen, 0.5)), ms(percentile(seen, 0.95))],
      ]);
    }
  }
} finally {
  console.log(markdownTable(rows));
}
Deno.exit(0);

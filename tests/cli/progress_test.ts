import { assertEquals } from "@std/assert";
import { formatPlayback } from "../../lib/cli/format_playback.ts";
import {
  createProgressView,
  formatProgress,
  formatReport,
} from "../../lib/cli/progress.ts";
import type {
  PublishProgress,
  PublishReport,
  StreamReport,
} from "../../lib/publishing/publish.ts";

const PROGRESS: PublishProgress = {
  seconds: 2,
  framesSent: 8,
  framesDropped: 0,
  pointsSent: 800_000,
  bytesSent: 9_600_000,
  queuedBytes: 0,
};

const STREAM: StreamReport = {
  name: "front",
  framesSent: 10,
  framesAcked: 9,
  framesDropped: 1,
  pointsPerFrame: 1000,
  bytesSent: 20_000,
  latencyMs: { p50: 5, p95: 9.5 },
};

const REPORT: PublishReport = {
  session: "a",
  name: "robot-7",
  dialect: "pointwire",
  framesSent: 40,
  framesAcked: 39,
  framesDropped: 1,
  pointsPerFrame: 100_000,
  bytesSent: 48_000_000,
  seconds: 10.04,
  latencyMs: { p50: 12.5, p95: 30 },
  video: { packets: 100 },
  audio: { packets: 500 },
  outages: [],
  streams: [],
};

function recordingOutput(isTerminal: boolean, columns = () => 120) {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  return { isTerminal, columns, written, write };
}

/** Updates as the publisher gives them: 4 a second, a little late each. */
function updates(count: number): PublishProgress[] {
  return Array.from({ length: count }, (_, i) => ({
    ...PROGRESS,
    seconds: (i + 1) * 0.2503,
    framesSent: i + 1,
  }));
}

Deno.test("formatProgress() writes rates since the start", () => {
  assertEquals(
    formatProgress(PROGRESS),
    "frame 8  0.40 Mpts/s  4.80 MB/s  queued 0 B  dropped 0  RTT -",
  );
});

Deno.test("formatProgress() writes rates since the line before", () => {
  const now = {
    seconds: 2.5,
    framesSent: 9,
    framesDropped: 3,
    pointsSent: 900_000,
    bytesSent: 10_800_000,
    queuedBytes: 1_234_567,
    roundTripMs: 0.25,
  };
  assertEquals(
    formatProgress(now, { previous: PROGRESS }),
    "frame 9  0.20 Mpts/s  2.40 MB/s  queued 1.2 MB  dropped 3  RTT 0.3 ms",
  );
});

Deno.test("formatProgress() begins with where a recording is", () => {
  const state = { position: 12.9, duration: 3_690, speed: 0.5, isPaused: true };
  const playing = formatPlayback(state);
  assertEquals(playing, "0:12 / 1:01:30  0.5x  paused");
  assertEquals(
    formatProgress(PROGRESS, { playing, width: 48 }),
    `${playing}  frame 8  4.80 MB/s`,
  );
});

Deno.test("formatProgress() shows an outage while it lasts", () => {
  const outage = { seconds: 3.21, reason: "The server was lost" };
  assertEquals(
    formatProgress({ ...PROGRESS, outage }),
    `${formatProgress(PROGRESS)}  no connection for 3.2 s`,
  );
});

Deno.test("formatProgress() says how much is sent, where that is less", () => {
  const line = (resolutionFactor: number, pointShare: number, step?: number) =>
    formatProgress({
      ...PROGRESS,
      level: {
        resolutionFactor,
        pointShare,
        ...step && { resolution: step * resolutionFactor },
      },
    }).slice(formatProgress(PROGRESS).length);
  assertEquals(line(1, 1, 0.001), "");
  assertEquals(line(2, 1, 0.001), "  sending 2 mm");
  assertEquals(line(8, 0.478, 0.0005), "  sending 4 mm, 48 % of points");
  assertEquals(line(1, 1 / 64), "  sending 1.6 % of points");
  assertEquals(line(4, 1), "  sending 4 times the step");
});

const BUSY: PublishProgress = {
  seconds: 100,
  framesSent: 12_345,
  framesDropped: 678,
  pointsSent: 1_234_500_000,
  bytesSent: 9_876_500_000,
  queuedBytes: 52_428_800,
  roundTripMs: 123.4,
  level: { resolutionFactor: 4, pointShare: 0.478, resolution: 0.004 },
};

for (
  const [width, line] of [
    [40, "frame 12345  98.77 MB/s  dropped 678"],
    [60, "frame 12345  98.77 MB/s  dropped 678  RTT 123.4 ms"],
    [
      80,
      "frame 12345  98.77 MB/s  dropped 678  RTT 123.4 ms  " +
      "sending 4 mm, 48 % of points",
    ],
    [
      120,
      "frame 12345  12.35 Mpts/s  98.77 MB/s  queued 52.4 MB  " +
      "dropped 678  RTT 123.4 ms  sending 4 mm, 48 % of points",
    ],
  ] as const
) {
  Deno.test(`formatProgress() fits ${width} columns`, () => {
    assertEquals(formatProgress(BUSY, { width }), line);
  });
}

Deno.test("formatProgress() fits 70 columns whole where all is well", () => {
  const now = { ...PROGRESS, framesSent: 123_456, roundTripMs: 0.4 };
  assertEquals(
    formatProgress(now, { width: 72 }),
    formatProgress(now),
  );
  assertEquals(
    formatProgress(now, { width: 70 }),
    "frame 123456  0.40 Mpts/s  4.80 MB/s  dropped 0  RTT 0.4 ms",
  );
});

Deno.test("formatProgress() keeps an outage at every width", () => {
  const outage = { seconds: 3.21, reason: "The server was lost" };
  assertEquals(
    formatProgress({ ...BUSY, outage }, { width: 40 }),
    "frame 12345  no connection for 3.2 s",
  );
});

Deno.test("formatProgress() is never longer than the width", () => {
  const outage = { seconds: 3.21, reason: "The server was lost" };
  for (const now of [PROGRESS, BUSY, { ...BUSY, outage }]) {
    for (let width = 0; width < 130; width++) {
      const { length } = formatProgress(now, { width: width });
      assertEquals(length <= width, true, `${length} of ${width}`);
    }
  }
});

Deno.test("formatProgress() divides by no time that hasn't passed", () => {
  const line = formatProgress(PROGRESS, { previous: PROGRESS });
  assertEquals(line.includes("0.00 Mpts/s  0.00 MB/s"), true);
});

Deno.test("formatProgress() writes bytes in units that fit", () => {
  const texts = [0, 999, 1000, 65_536, 1_000_000, 52_428_800].map(
    (queuedBytes) =>
      /queued (.*?) {2}/.exec(formatProgress({ ...PROGRESS, queuedBytes }))![1],
  );
  assertEquals(
    texts,
    ["0 B", "999 B", "1 kB", "66 kB", "1.0 MB", "52.4 MB"],
  );
});

Deno.test("createProgressView() writes a line a second where no terminal is", () => {
  const output = recordingOutput(false);
  const view = createProgressView(output);
  for (const progress of updates(12)) view.update(progress);
  view.end();
  assertEquals(output.written.length, 3);
  for (const [i, frame] of [1, 5, 9].entries()) {
    const line = output.written[i];
    assertEquals(line.startsWith(`frame ${frame}  `), true, line);
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(line.includes("\x1b"), false);
  }
});

Deno.test("createProgressView() keeps one live line on a terminal", () => {
  const output = recordingOutput(true);
  const view = createProgressView(output);
  for (const progress of updates(3)) view.update(progress);
  assertEquals(output.written.length, 3);
  for (const text of output.written) {
    assertEquals(text.startsWith("\r\x1b[Kframe "), true, text);
    assertEquals(text.includes("\n"), false);
  }
  view.end();
  view.end();
  assertEquals(output.written.slice(3), ["\n"]);
});

Deno.test("createProgressView() asks for the terminal's width each time", () => {
  const widths = [120, 40, 60];
  const output = recordingOutput(true, () => widths.shift()!);
  const view = createProgressView(output);
  for (const now of updates(3)) view.update(now);
  const lengths = output.written.map((text) => text.length - "\r\x1b[K".length);
  assertEquals(lengths[0] > 60, true);
  // The last column stays free.
  assertEquals(lengths[1] < 40, true);
  assertEquals(lengths[2] < 60, true);
});

Deno.test("createProgressView() ends no line that it never began", () => {
  for (const isTerminal of [true, false]) {
    const output = recordingOutput(isTerminal);
    createProgressView(output).end();
    assertEquals(output.written, []);
  }
});

Deno.test("formatReport() says what was sent and what arrived", () => {
  assertEquals(formatReport(REPORT).split("\n"), [
    "frames    40 sent, 39 acknowledged, 1 dropped, 100000 points each",
    "data      48.0 MB in 10.0 s",
    "latency   12.5 ms median, 30 ms at the 95th percentile",
    "media     100 video packets, 500 audio packets",
  ]);
});

Deno.test("formatReport() says what was compared", () => {
  const verified = {
    frames: 38,
    mismatched: 2,
    positions: { maxError: 0.00050012 },
    rounded: { range: { maxError: 0.125 } },
    exactFields: ["intensity", "ring"],
    differing: ["rgb"],
  };
  assertEquals(formatReport({ ...REPORT, verified }).split("\n").slice(-2), [
    "verified  38 frames arrived as they were sent, 2 did not",
    "          of the source: positions within 0.5 mm, range within 0.125, " +
    "intensity ring exact, rgb DIFFER",
  ]);
});

Deno.test("formatReport() sums up the outages", () => {
  const outage = { startedAt: 1, reason: "The server was lost" };
  const outages = [
    { ...outage, seconds: 4.25, framesDropped: 17, framesUnacknowledged: 2 },
    { ...outage, seconds: 1, framesDropped: 0, framesUnacknowledged: 1 },
  ];
  assertEquals(
    formatReport({ ...REPORT, outages }).split("\n").at(-1),
    "outages   2, 5.3 s without a connection, 17 frames dropped and 3 cut off " +
      "in them",
  );
});

Deno.test("formatReport() says how much was sent", () => {
  const whole = { resolutionFactor: 1, pointShare: 1, resolution: 0.001 };
  const lowest = { resolutionFactor: 8, pointShare: 0.12, resolution: 0.008 };
  const levels = [{ ...whole, seconds: 3.04 }, { ...lowest, seconds: 57 }];
  const report = (adaptation: StreamReport["adaptation"]) =>
    formatReport({ ...REPORT, streams: [{ ...STREAM, adaptation }] })
      .split("\n").at(-1);
  assertEquals(
    report({ changes: 5, lowest, levels }),
    "adapted   5 times: all was sent for 3.0 of 60.0 s, " +
      "at least 8 mm, 12 % of points",
  );
  assertEquals(
    report({ changes: 0, lowest: whole, levels: [{ ...whole, seconds: 60 }] }),
    "adapted   never: all was sent",
  );
});

Deno.test("formatReport() says where no latency was measured", () => {
  const latencyMs = { p50: null, p95: null };
  assertEquals(
    formatReport({ ...REPORT, latencyMs }).split("\n")[2],
    "latency   not measured",
  );
});

Deno.test("the live line goes on where the time begins anew", () => {
  const output = recordingOutput(true);
  const view = createProgressView(output);
  for (const seconds of [4.5, 0.25]) view.update({ ...PROGRESS, seconds });
  assertEquals(output.written.length, 2);
});

Deno.test("a log line comes above the live line, which stays", () => {
  const output = recordingOutput(true);
  const view = createProgressView(output, () => "0:01 / 0:10");
  view.log("before");
  view.update({ ...PROGRESS, seconds: 1 });
  view.log("a line");
  view.end();
  view.log("after");
  const [before, shown, above, end, after] = output.written;
  assertEquals([before, end, after], ["before\n", "\n", "after\n"]);
  assertEquals(shown.slice(0, 15), "\r\x1b[K0:01 / 0:10");
  assertEquals(above, `\r\x1b[Ka line\n${shown.slice(4)}`);
});

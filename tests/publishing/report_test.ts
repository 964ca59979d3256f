import { assertEquals, assertMatch } from "@std/assert";
import { AckTracker } from "../../lib/publishing/ack_tracker.ts";
import {
  progressOf,
  type PublishReport,
  type ReportedUplink,
  reportOf,
  shortfall,
  totalOutage,
} from "../../lib/publishing/report.ts";
import type { Verification } from "../../lib/publishing/verification.ts";
import type { AckMessage } from "../../lib/wire/messages.ts";

const UPLINK: ReportedUplink = {
  session: "s1",
  name: "robot-7",
  dialect: "pointwire",
  counters: {
    framesSent: 3,
    framesDropped: 1,
    pointsSent: 1000,
    bytesSent: 12_000,
  },
  packets: { video: 10, audio: 20 },
  tracker: new AckTracker(),
  framesAcked: 2,
  queuedBytes: 5,
  roundTripMs: 1.5,
  outage: undefined,
  outages: [],
  streams: [],
};

const SPAN = { started: 1000, now: 3500.4 };
const REPORT = reportOf(UPLINK, SPAN);

Deno.test("progressOf() tells how it goes", () => {
  assertEquals(progressOf(UPLINK, { started: 1000, now: 3500 }), {
    ...UPLINK.counters,
    seconds: 2.5,
    queuedBytes: 5,
    roundTripMs: 1.5,
    outage: undefined,
  });
});

Deno.test("progressOf() tells for how long there is no connection", () => {
  const outage = {
    startedAt: 2000,
    reason: "lost",
    framesDropped: 0,
    framesUnacknowledged: 0,
  };
  const now = 3500;
  const progress = progressOf({ ...UPLINK, outage }, { started: 1000, now });
  assertEquals(progress.outage, { seconds: 1.5, reason: "lost" });
});

Deno.test("reportOf() sums up what was published", () => {
  const tracker = new AckTracker();
  tracker.sent(0, 1000);
  const ack: AckMessage = {
    type: "ack",
    frame: 0,
    frames: 1,
    points: 333,
    receivedAt: 1010,
    heldMs: 0,
  };
  tracker.acknowledged(ack, 1020);
  assertEquals(reportOf({ ...UPLINK, tracker }, SPAN), {
    session: "s1",
    name: "robot-7",
    dialect: "pointwire",
    framesSent: 3,
    framesAcked: 2,
    framesDropped: 1,
    pointsPerFrame: 333,
    bytesSent: 12_000,
    seconds: 2.5,
    latencyMs: { p50: 20, p95: 20 },
    video: { packets: 10 },
    audio: { packets: 20 },
    outages: [],
    streams: [],
  });
});

Deno.test("reportOf() says of a session without a name or a frame so", () => {
  const counters = { ...UPLINK.counters, framesSent: 0, pointsSent: 0 };
  const nameless = { ...UPLINK, session: undefined, name: undefined };
  const report = reportOf({ ...nameless, counters }, SPAN);
  assertEquals([report.session, report.name], [null, null]);
  assertEquals(report.pointsPerFrame, 0);
});

Deno.test("reportOf() counts outages from the first frame on", () => {
  const counts = { framesDropped: 4, framesUnacknowledged: 1 };
  const outages = [
    // Before the first frame: while the media started.
    { startedAt: 900, endedAt: 1100, reason: "one", ...counts },
    { startedAt: 2000.4, endedAt: 2500.4, reason: "two", ...counts },
  ];
  const report = reportOf({ ...UPLINK, outages }, SPAN);
  assertEquals(report.outages, [
    { startedAt: 0, seconds: 0.2, reason: "one", ...counts },
    { startedAt: 1, seconds: 0.5, reason: "two", ...counts },
  ]);
  assertEquals(totalOutage(report), {
    seconds: 0.7,
    framesDropped: 8,
    framesUnacknowledged: 2,
  });
});

/** A report of ten frames that all arrived, but for what is named. */
function reportWith(change: Partial<PublishReport> = {}): PublishReport {
  const all = { framesSent: 10, framesAcked: 10, framesDropped: 0 };
  return { ...REPORT, ...all, ...change };
}

const VERIFIED: Verification = {
  frames: 10,
  mismatched: 0,
  positions: { maxError: 0.0005 },
  rounded: {},
  exactFields: ["intensity"],
  differing: [],
};

const OUTAGE = {
  startedAt: 1,
  seconds: 2.25,
  reason: "lost",
  framesDropped: 2,
  framesUnacknowledged: 0,
};

Deno.test("shortfall() finds none where all was delivered", () => {
  assertEquals(shortfall(reportWith(), false), undefined);
  const verified = { ...VERIFIED, frames: 10 };
  assertEquals(shortfall(reportWith({ verified }), true), undefined);
  // An outage that cost no frame is survived.
  const outages = [{ ...OUTAGE, framesDropped: 0 }];
  assertEquals(shortfall(reportWith({ outages }), false), undefined);
});

Deno.test("shortfall() tells why frames were dropped", () => {
  const outages = [OUTAGE];
  const dropped = (framesDropped: number, outages: PublishReport["outages"]) =>
    shortfall(reportWith({ framesDropped, outages }), false);
  assertEquals(
    dropped(3, []),
    "3 of 13 frames were dropped because the network could not keep up",
  );
  assertEquals(
    dropped(2, outages),
    "2 of 12 frames were dropped because there was no connection for 2.3 s",
  );
  assertEquals(
    dropped(5, outages),
    "5 of 15 frames were dropped: 2 because there was no connection " +
      "for 2.3 s, the others because the network could not keep up",
  );
});

Deno.test("shortfall() tells what else is missing", () => {
  assertEquals(
    shortfall(reportWith({ framesAcked: 7 }), false),
    "3 of 10 frames were not acknowledged by the server",
  );
  assertMatch(
    shortfall(reportWith({ filesSkipped: 2 }), false)!,
    /^2 of the source's clouds could not be read/,
  );
  assertMatch(shortfall(reportWith(), true)!, /^The server can't verify/);
  const changed = { ...VERIFIED, frames: 9, mismatched: 1 };
  assertEquals(
    shortfall(reportWith({ verified: changed }), true),
    "1 of 10 frames arrived changed",
  );
  const verified = { ...VERIFIED, differing: ["rgb", "ring"] };
  assertEquals(
    shortfall(reportWith({ verified }), true),
    "What arrived differs from the source in rgb, ring",
  );
});

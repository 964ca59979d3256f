import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { comesBackAfter } from "../../lib/publishing/connect.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { Uplink, type UplinkOptions } from "../../lib/publishing/uplink.ts";
import { ConnectionError } from "../../lib/transport/errors.ts";
import type { FrameQueueCounters } from "../../lib/wire/frame_queue.ts";
import { BYE_CODES } from "../../lib/wire/messages.ts";
import { turn } from "../fake_clock.ts";
import { FakeConnection, fakeNetwork, frame } from "./fake_connection.ts";

/** An attempt that is dead. */
const DEAD = new ConnectionError("timeout", "No connection: nothing came", {
  why: "nothing came",
});
const UNREACHABLE = new SignalingError("Can't reach it");

/** An uplink that has its first connection. */
async function setUp(
  options: Partial<UplinkOptions> = {},
  first = new FakeConnection("s1"),
) {
  const network = fakeNetwork(options);
  const opening = Uplink.open(network.options, new AbortController().signal);
  await turn();
  await network.attempts[0].succeed(first);
  const uplink = await opening;
  const { lost } = uplink;
  /** Why it is over for good. */
  const why = () => lost.aborted ? (lost.reason as Error).message : undefined;
  return { ...network, uplink, first, why };
}

Deno.test("Uplink sends over the connection that it makes", async () => {
  const { uplink, first, attempts, lines } = await setUp();
  await using _ = uplink;
  assertEquals(attempts[0].dialect, "pointwire");
  assertEquals(attempts[0].post, { name: undefined, machine: "pi" });
  uplink.send(frame(0));
  uplink.send(frame(1));
  first.acknowledge(1);
  first.packets.video = 3;
  assertEquals(first.sent, [0, 1]);
  assertEquals([uplink.session, uplink.dialect], ["s1", "pointwire"]);
  assertEquals(uplink.counters, {
    framesSent: 2,
    framesDropped: 0,
    pointsSent: 2,
    bytesSent: 24,
  });
  assertEquals([uplink.framesAcked, uplink.framesUndelivered], [1, 1]);
  assertEquals(uplink.packets, { video: 3, audio: 0 });
  assertEquals([uplink.queuedBytes, uplink.roundTripMs], [7, 20]);
  assertEquals([uplink.outage, uplink.outages], [undefined, []]);
  assert(lines[0].includes("connected"), lines[0]);
});

Deno.test("Uplink that is sent away goes on until it has another connection", async () => {
  const { uplink, first, attempts, clock } = await setUp();
  await using _ = uplink;
  uplink.send(frame(0));
  await first.sendAway("It drains");
  assertEquals(attempts[1].post?.resumes, "s1");
  uplink.send(frame(1));
  await clock.advance(400);
  uplink.send(frame(2));
  assertEquals([first.sent, first.isOpen], [[0, 1, 2], true]);
  assertEquals(first.isAdapting, false);
  assertEquals(uplink.outages, []);
  const second = new FakeConnection("s2");
  await attempts[1].succeed(second);
  uplink.send(frame(3));
  assertEquals([first.sent, second.sent], [[0, 1, 2], [3]]);
  assertEquals([first.isOpen, uplink.session], [false, "s2"]);
  assertEquals(uplink.counters.framesSent, 4);
  assertEquals(uplink.outages, [{
    startedAt: 400,
    endedAt: 400,
    reason: "It drains",
    framesDropped: 0,
    framesUnacknowledged: 3,
  }]);
});

Deno.test("Uplink that is sent away waits where its old server ends it first", async () => {
  const { uplink, first, attempts, clock, why } = await setUp();
  await using _ = uplink;
  await first.sendAway("It drains");
  await clock.advance(100);
  // The other server has had the old session end, which is final elsewhere.
  await first.end("Replaced by session s2", false);
  uplink.send(frame(0));
  assertEquals([uplink.outage?.reason, why()], ["It drains", undefined]);
  await clock.advance(20);
  const second = new FakeConnection("s2");
  await attempts[1].succeed(second);
  assertEquals(second.sent, [0]);
  const [{ startedAt, endedAt }] = uplink.outages;
  assertEquals([startedAt, endedAt, attempts.length], [100, 120, 2]);
});

Deno.test("Uplink that is sent away in vain stays until its server ends", async () => {
  const { uplink, first, attempts, clock, why } = await setUp({
    reconnectForMs: 2_000,
  });
  await using _ = uplink;
  await first.sendAway("It drains");
  await attempts[1].fail(UNREACHABLE);
  for (let i = 0; i < 30; i++) await clock.advance(100);
  uplink.send(frame(0));
  assertEquals([first.sent, first.isOpen, why()], [[0], true, undefined]);
  assertEquals(first.isAdapting, true);
  const { length } = attempts;
  await first.end("The server stopped");
  assertEquals(attempts.length, length + 1);
  await attempts[length].succeed(new FakeConnection("s2"));
  assertEquals(uplink.session, "s2");
});

Deno.test("Uplink's first connection takes a dead attempt or two", async () => {
  const { clock, attempts, options } = fakeNetwork();
  const opening = Uplink.open(options, new AbortController().signal);
  await turn();
  await attempts[0].fail(DEAD);
  await clock.advance(500);
  await attempts[1].fail(
    new ConnectionError("failed", "The connection failed"),
  );
  await clock.advance(1000);
  await attempts[2].succeed(new FakeConnection("s1"));
  await using uplink = await opening;
  assertEquals(uplink.session, "s1");
  assertEquals(uplink.outages, []);
});

Deno.test("Uplink's first connection has 30 s", async () => {
  const { clock, attempts, options } = fakeNetwork();
  const opening = Uplink.open(options, new AbortController().signal);
  const rejected = assertRejects(() => opening, ConnectionError);
  for (let at = 0; at < 30_000; at += 4000) {
    await clock.advance(4000);
    await attempts.at(-1)!.fail(DEAD);
  }
  await clock.advance(4000);
  const error = await rejected;
  assertEquals(error.message, "No connection within 30 s: nothing came");
  assertEquals(error.reason, "timeout");
  assertStrictEquals(error.cause, DEAD);
});

Deno.test("Uplink says that a server didn't answer its first offer", async () => {
  const { clock, options } = fakeNetwork();
  const opening = Uplink.open(options, new AbortController().signal);
  const rejected = assertRejects(() => opening, SignalingError);
  await clock.advance(30_000);
  const { message } = await rejected;
  assertEquals(message, "http://server/offer did not answer within 30 s");
});

Deno.test("Uplink takes a first no at once", async () => {
  const refused = new ConnectionError("closed", "The channel was refused");
  for (const error of [UNREACHABLE, refused, new TypeError("a mistake")]) {
    const { attempts, options } = fakeNetwork();
    const opening = Uplink.open(options, new AbortController().signal);
    const rejected = assertRejects(() => opening);
    await turn();
    await attempts[0].fail(error);
    assertStrictEquals(await rejected, error);
  }
});

Deno.test("Uplink's first connection ends with its signal", async () => {
  const { attempts, options } = fakeNetwork();
  const stop = new AbortController();
  const opening = Uplink.open(options, stop.signal);
  await turn();
  const reason = new Error("asked to stop");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => opening), reason);
  assert(attempts[0].signal.aborted);
});

Deno.test("Uplink that is lost comes back, and goes on counting", async () => {
  const { uplink, first, clock, attempts } = await setUp();
  await using _ = uplink;
  for (let i = 0; i < 4; i++) uplink.send(frame(i));
  first.acknowledge(2);
  first.packets.audio = 5;
  first.heardAt = 19_000;
  first.framesDroppedInSilence = 1;
  await clock.advance(20_000);
  await first.end("The server was lost");
  assertEquals([first.isOpen, uplink.lost.aborted], [false, false]);
  assertEquals(uplink.outage?.startedAt, 19_000);

  // It asks to go on with its session, in one try that doesn't take long.
  const asked = { resumes: "s1", name: undefined, machine: "pi-2" };
  const post = { tries: 1, timeoutMs: 5000, ...asked };
  assertEquals(attempts[1].post, post);
  assertEquals(attempts[1].at, 20_000);
  await attempts[1].fail(UNREACHABLE);
  for (let i = 4; i < 7; i++) uplink.send(frame(i));
  assertEquals([uplink.framesUndelivered, uplink.queuedBytes], [1, 12]);
  await clock.advance(500);

  const second = new FakeConnection("s2");
  await attempts[2].succeed(second);
  // The newest frame of the time between is still worth sending.
  assertEquals(second.sent, [6]);
  uplink.send(frame(7));
  second.acknowledge(2);
  second.packets.audio = 1;
  assertEquals([uplink.session, uplink.outage], ["s2", undefined]);
  assertEquals(uplink.outages, [{
    startedAt: 19_000,
    endedAt: 20_500,
    reason: "The server was lost",
    framesDropped: 3,
    framesUnacknowledged: 2,
  }]);
  const { framesSent, framesDropped } = uplink.counters;
  assertEquals([framesSent, framesDropped], [6, 2]);
  assertEquals([uplink.framesAcked, uplink.tracker.framesAcked], [4, 4]);
  assertEquals(uplink.packets, { video: 0, audio: 6 });
  assertEquals(uplink.framesUndelivered, 0);
});

Deno.test("Uplink's outage begins no earlier than its connection", async () => {
  const { uplink, first, clock } = await setUp();
  await using _ = uplink;
  first.heardAt = -Infinity;
  await clock.advance(1000);
  await first.end("The server was lost");
  assertEquals(uplink.outage?.startedAt, 0);
});

Deno.test("Uplink comes back after some goodbyes, and not after others", () => {
  const back = BYE_CODES.filter(comesBackAfter);
  assertEquals(back, ["stopped", "lost"]);
  assert(comesBackAfter(undefined), "nothing was said: it may be the network");
});

Deno.test("Uplink that is replaced is gone for good", async () => {
  const { uplink, first, attempts, why } = await setUp();
  await using _ = uplink;
  await first.end("The server ended the session: replaced", false);
  assertEquals(why(), "The server ended the session: replaced");
  assert(uplink.lost.reason instanceof ConnectionError);
  assertEquals([attempts.length, first.isOpen], [1, false]);
  // What comes now is dropped, and counted.
  uplink.send(frame(0));
  uplink.send(frame(1));
  uplink.settle();
  assertEquals(uplink.counters.framesDropped, 2);
});

Deno.test("Uplink that is not to come back is gone with its loss", async () => {
  const { uplink, first, attempts, why } = await setUp({ reconnectForMs: 0 });
  await using _ = uplink;
  await first.end("The server closed the connection");
  assertEquals(why(), "The server closed the connection");
  assertEquals(attempts.length, 1);
});

Deno.test("Uplink that is deleted or refused on its way back is gone", async () => {
  for (const status of [410, 401, 403]) {
    const { uplink, first, clock, attempts, why } = await setUp();
    await using _ = uplink;
    await first.end("The server was lost");
    await attempts[1].fail(new SignalingError("no", { status }));
    assertEquals(why(), "no", `${status}`);
    await clock.advance(60_000);
    assertEquals(attempts.length, 2);
  }
});

Deno.test("Uplink asks again after other answers, or none", async () => {
  const { uplink, first, clock, attempts, why } = await setUp();
  await using _ = uplink;
  await first.end("The server was lost");
  const errors = [
    UNREACHABLE,
    new SignalingError("busy", { status: 503 }),
    new SignalingError("no such session", { status: 404 }),
    DEAD,
  ];
  for (const [i, error] of errors.entries()) {
    await clock.advance(5000);
    assertEquals(attempts.length, i + 2);
    await attempts[i + 1].fail(error);
  }
  assertEquals(why(), undefined);
});

Deno.test("Uplink that was refused its channel on the way back is gone", async () => {
  const { uplink, first, attempts, why } = await setUp();
  await using _ = uplink;
  await first.end("The server was lost");
  await attempts[1].fail(new ConnectionError("closed", "It was refused"));
  assertEquals(why(), "It was refused");
});

Deno.test("Uplink is out of time, and says why the last try failed", async () => {
  const reconnectForMs = 8000;
  const { uplink, first, clock, attempts, why } = await setUp({
    reconnectForMs,
  });
  await using _ = uplink;
  await clock.advance(20_000);
  await first.end("The server was lost");
  const lost = Promise.withResolvers<void>();
  uplink.lost.addEventListener("abort", () => lost.resolve());
  for (let second = 0; second < 8; second++) {
    assertEquals(why(), undefined);
    await attempts.at(-1)!.fail(UNREACHABLE);
    await clock.advance(1000);
  }
  await attempts.at(-1)!.fail(UNREACHABLE);
  await lost.promise;
  assertEquals(
    why(),
    "The server was lost; no new connection within 8 s: Can't reach it",
  );
  assert(uplink.lost.reason instanceof ConnectionError);
});

Deno.test("Uplink is out of time while nothing answers", async () => {
  const { uplink, first, clock, why } = await setUp({ reconnectForMs: 2000 });
  await using _ = uplink;
  await first.end("The server was lost");
  await clock.advance(2000);
  assertEquals(why(), "The server was lost; no new connection within 2 s");
});

Deno.test("Uplink backs off where connections don't last", async () => {
  const { uplink, first, clock, attempts } = await setUp();
  await using _ = uplink;
  await clock.advance(10_000);
  await first.end("lost");
  // The first that lasted was followed at once by another attempt.
  assertEquals(attempts[1].at, 10_000);
  const second = new FakeConnection("s2");
  await attempts[1].succeed(second);
  await clock.advance(9_000);
  await second.end("lost");
  assertEquals(attempts.length, 2);
  await clock.advance(500);
  assertEquals(attempts.length, 3);
  assert(attempts[2].at >= 19_250, `${attempts[2].at}`);

  const third = new FakeConnection("s3");
  await attempts[2].succeed(third);
  await clock.advance(10_000);
  await third.end("lost");
  assertEquals(attempts.length, 4);
});

Deno.test("Uplink keeps the streams apart", async () => {
  const { uplink, first, clock, attempts } = await setUp({
    streams: ["front", "rear"],
  });
  await using _ = uplink;
  uplink.send(frame(0), 0);
  uplink.send(frame(0), 1);
  uplink.send(frame(1), 1);
  first.acknowledge(3);
  await clock.advance(10_000);
  await first.end("lost");
  // Of each stream the newest frame is still worth sending.
  uplink.send(frame(2), 1);
  uplink.send(frame(1), 0);
  uplink.send(frame(3), 1);
  assertEquals(uplink.framesUndelivered, 2);
  const second = new FakeConnection("s2");
  await attempts[1].succeed(second);
  assertEquals(second.sent, [1, 3]);
  const [front, rear] = uplink.streams;
  assertEquals([front.name, rear.name], ["front", "rear"]);
  const counts = ({ counters }: { counters: FrameQueueCounters }) => [
    counters.framesSent,
    counters.framesDropped,
  ];
  assertEquals([counts(front), counts(rear)], [[2, 0], [3, 1]]);
  assertEquals(counts(uplink), [5, 1]);
  assertEquals(uplink.outages[0].framesDropped, 1);
});

Deno.test("Uplink to a server that isn't ours stays with its dialect", async () => {
  const first = new FakeConnection(undefined, "original");
  const { uplink, attempts } = await setUp({}, first);
  await using _ = uplink;
  assertEquals(uplink.dialect, "original");
  await first.end("The server was lost");
  assertEquals(attempts[1].dialect, "original");
  assertEquals(attempts[1].post?.resumes, undefined);
  assertEquals(uplink.dialect, "original");
});

Deno.test("Uplink asks a server of ours for its dialect again", async () => {
  const first = new FakeConnection("s1", "original");
  const { uplink, attempts } = await setUp({}, first);
  await using _ = uplink;
  await first.end("The server was lost");
  assertEquals(attempts[1].dialect, "pointwire");
});

Deno.test("Uplink that settles gives up what is under way", async () => {
  const { uplink, first, clock, attempts } = await setUp();
  await first.end("The server was lost");
  uplink.send(frame(0));
  await clock.advance(700);
  uplink.settle();
  await turn();
  assert(attempts.at(-1)!.signal.aborted);
  assertEquals(uplink.lost.aborted, false);
  assertEquals([uplink.outage, uplink.outages[0].endedAt], [undefined, 700]);
  assertEquals(uplink.outages[0].framesDropped, 1);
  assertEquals(uplink.counters.framesDropped, 1);
  assertEquals(uplink.framesUndelivered, 0);
  await uplink[Symbol.asyncDispose]();
  assertEquals(clock.sleeping, 0);
});

Deno.test("Uplink hangs up when it is disposed of, and keeps its counts", async () => {
  const { uplink, first } = await setUp();
  uplink.send(frame(0));
  first.acknowledge(1);
  first.points.unsendable = "Too large";
  await uplink[Symbol.asyncDispose]();
  assertEquals([first.isOpen, uplink.framesAcked], [false, 1]);
  assertEquals([uplink.unsendable, uplink.outages], ["Too large", []]);
});

/**
 * Either end of feeds that cross from node to node, in a process of its own.
 * Arguments: `send` or `take`, `nats` or `direct`, NATS' URL, feeds, bytes of a
 * frame, frames a second of each, seconds, and the sending end's URL, which
 * that one tells first. The taking end tells what came in the end.
 */
import { setTimeout as delay } from "node:timers/promises";
import { DirectLinks, LINKS_PATH } from "../../../lib/cluster/direct_links.ts";
import {
  busPath,
  type FeedPath,
  type FeedPathEvents,
  socketPath,
} from "../../../lib/cluster/feed_path.ts";
import { FeedReceiver } from "../../../lib/cluster/feed_receiver.ts";
import { FeedSender } from "../../../lib/cluster/feed_sender.ts";
import { NatsBus } from "../../../lib/cluster/nats_bus.ts";
import { Subjects } from "../../../lib/cluster/subjects.ts";
import {
  carryByPort,
  type FromExport,
  type FromMirror,
} from "../../../lib/hosting/feed_carrier.ts";
import { FeedExport, FeedMirror } from "../../../lib/hosting/feed_link.ts";
import { createLogger } from "../../../lib/log.ts";
import { XYZ_LAYOUT } from "../../../lib/points/raw/codec.ts";
import { Feed } from "../../../lib/session/feed.ts";
import { randomId } from "../../../lib/session/random_id.ts";
import { quantile } from "../transport/statistics.ts";

const [end, carrier, url, feeds, frameBytes, rate, seconds, sender] = Deno.args;
/** Who takes asks by it for a feed over a link. */
const ASKING = "bench.ask";
/** What the first frames take that nothing is compiled for yet. */
const WARM_UP_MS = 2_000;
const PATIENCE_MS = 5_000;
const log = createLogger({ level: "error" });
const subjects = new Subjects("bench");

await using bus = await NatsBus.connect({ servers: [url], name: end, log });
using links = new DirectLinks(log);
if (end === "send") await send();
else await take();

async function send(): Promise<void> {
  const counts = { feeds: 0, bytes: 0 };
  const sessions: Feed[] = [];
  const start = (link: string, open: (events: FeedPathEvents) => FeedPath) => {
    const feed = new Feed();
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise<string>(() => {});
    const watched = { id: link, feed, closed, endCode: undefined };
    new FeedExport(watched, carryByPort<FromExport, FromMirror>(port1));
    const from = carryByPort<FromMirror, FromExport>(port2);
    new FeedSender({ open, from, counts, onEnd() {} });
    sessions.push(feed);
  };
  using _ = bus.subscribe(ASKING, (bytes, respond) => {
    const link = new TextDecoder().decode(bytes);
    if (carrier === "direct") {
      links.expect(link, {
        accept: (socket) => start(link, (events) => socketPath(socket, events)),
        giveUp() {},
      });
    } else start(link, (events) => busPath(bus, waysOf(link).there, events));
    respond(bytes);
  });
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.error(`http://127.0.0.1:${port}`),
  }, (request) => {
    const link = new URL(request.url).pathname.slice(LINKS_PATH.length);
    const expected = links.take(link);
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => expected?.accept(socket);
    return response;
  });
  const points = Math.ceil(Number(frameBytes) / XYZ_LAYOUT.stride);
  const bytes = new Uint8Array(XYZ_LAYOUT.stride * points);
  const started = performance.now();
  for (let number = 0;; number++) {
    for (const feed of sessions) {
      feed.frame({
        ...{ stream: "points", number, codec: "raw", captureTime: now() },
        ...{ ...XYZ_LAYOUT, points, width: points, bytes },
      });
    }
    const due = started + 1000 * (number + 1) / Number(rate);
    await delay(Math.max(0, due - performance.now()));
  }
}

async function take(): Promise<void> {
  const latencies: number[] = [];
  let [frames, bytes] = [0, 0];
  for (let i = 0; i < Number(feeds); i++) {
    const receiver = new FeedReceiver({
      ...{ log, frameBytes: 2 * Number(frameBytes) },
      counts: { feeds: 0, bytes: 0 },
      canAsk: () => bus.isConnected,
      open,
    });
    new FeedMirror("a", receiver).feed.join({
      onFrame(frame) {
        latencies.push(now() - frame.captureTime);
        frames++;
        bytes += frame.bytes.length;
      },
      onPacket() {},
      onClock() {},
    });
  }
  await delay(WARM_UP_MS);
  latencies.length = frames = bytes = 0;
  console.error("begun");
  await delay(1000 * Number(seconds));
  console.error(JSON.stringify({
    ...{ frames, bytes },
    ...{ p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
  }));
  // Who started it looks at what it took, and ends it.
  await new Promise(() => {});
}

async function open(events: FeedPathEvents): Promise<FeedPath> {
  if (carrier === "direct") {
    const path = await links.open(sender, events, ask);
    if (path !== undefined) return path;
    throw new Error("The sender can't be reached");
  }
  const link = randomId();
  const path = busPath(bus, waysOf(link).back, events);
  await ask(link);
  return path;
}

async function ask(link: string): Promise<void> {
  await bus.request(ASKING, new TextEncoder().encode(link), PATIENCE_MS);
}

/** What either end sends and takes, where it is NATS'. */
function waysOf(link: string) {
  const [feed, back] = [subjects.feed(link), subjects.back(link)];
  return {
    there: { sends: feed, takes: back },
    back: { sends: back, takes: feed },
  };
}

/** The clock that both processes have, with fractions of milliseconds. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

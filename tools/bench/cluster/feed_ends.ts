/**
 * Either end of feeds that cross from node to node, in a process of its own.
 * Arguments: `send` or `take`, `nats` or `direct`, NATS' URL, feeds, bytes of a
 * frame, frames a second of each, seconds. The taking end tells its URL first
 * where there is no NATS, and `{"frames", "bytes", "p50", "p95"}` in the end.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bus } from "../../../lib/cluster/bus.ts";
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
import { XYZ_LAYOUT } from "../../../lib/points/raw/codec.ts";
import { createLogger } from "../../../lib/log.ts";
import { Feed } from "../../../lib/session/feed.ts";
import { quantile } from "../transport/statistics.ts";
import { WebSocketBus } from "./web_socket_bus.ts";

const [end, carrier, url, feeds, frameBytes, rate, seconds] = Deno.args;
/** Who takes says by it which link a feed is to come over. */
const ASKING = "bench.ask";
/** What the first frames take that nothing is compiled for yet. */
const WARM_UP_MS = 2_000;
const log = createLogger({ level: "error" });
const subjects = new Subjects("bench");

await using bus = await connect();
if (end === "send") await send();
else await take();

async function connect(): Promise<Bus> {
  if (carrier === "nats") {
    return await NatsBus.connect({ servers: [url], name: end, log });
  }
  return end === "send"
    ? await WebSocketBus.connect(url)
    : await WebSocketBus.listen((url) => console.error(url));
}

async function send(): Promise<void> {
  const counts = { feeds: 0, bytes: 0 };
  const sessions: Feed[] = [];
  using _ = bus.subscribe(ASKING, (bytes) => {
    const link = new TextDecoder().decode(bytes);
    const feed = new Feed();
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise<string>(() => {});
    const watched = { id: link, feed, closed, endCode: undefined };
    new FeedExport(watched, carryByPort<FromExport, FromMirror>(port1));
    new FeedSender({
      ...{ bus, subjects, link, counts, onEnd() {} },
      from: carryByPort<FromMirror, FromExport>(port2),
    });
    sessions.push(feed);
  });
  console.error("ready");
  const points = Math.ceil(Number(frameBytes) / 12);
  const bytes = new Uint8Array(12 * points);
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
  const mirrors = Array.from({ length: Number(feeds) }, () => {
    const mirror = new FeedMirror(
      "a",
      new FeedReceiver({
        ...{ bus, subjects, log, frameBytes: 2 * Number(frameBytes) },
        counts: { feeds: 0, bytes: 0 },
        open(link) {
          bus.publish(ASKING, new TextEncoder().encode(link));
          return Promise.resolve();
        },
      }),
    );
    mirror.feed.join({
      onFrame(frame) {
        latencies.push(now() - frame.captureTime);
        frames++;
        bytes += frame.bytes.length;
      },
      onPacket() {},
      onClock() {},
    });
    return mirror;
  });
  await delay(WARM_UP_MS);
  latencies.length = frames = bytes = 0;
  console.error("begun");
  await delay(1000 * Number(seconds));
  console.error(JSON.stringify({
    ...{ frames, bytes },
    ...{ p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
  }));
  for (const mirror of mirrors) mirror.end("done", "ended");
  Deno.exit();
}

/** The clock that both processes have, with fractions of milliseconds. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

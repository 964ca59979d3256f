import { assertEquals, assertRejects } from "@std/assert";
import { carryByPort } from "../../lib/hosting/feed_carrier.ts";
import { FeedExport } from "../../lib/hosting/feed_link.ts";
import { HostError, noSession } from "../../lib/hosting/host_error.ts";
import { feedsOf } from "../../lib/hosting/session_feeds.ts";
import type { HostObserver } from "../../lib/hosting/session_host.ts";
import { StreamTap } from "../../lib/hosting/stream_tap.ts";
import { Feed } from "../../lib/session/feed.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { until } from "../support.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

const CLOUD = typedCloud("x,y,z", [[1, 2, 3]]);

const frameOf = (number: number, stream = "points"): EncodedFrame =>
  encodedFrame(CLOUD, "raw", { number, stream });

/** A host of one session, `a`, whose feed is exported as a real one is. */
function makeHost() {
  const feed = new Feed();
  const observers = new Set<HostObserver>();
  let exports = 0;
  return {
    feed,
    get exports() {
      return exports;
    },
    end(reason: string) {
      for (const { onClosed } of observers) {
        onClosed?.({ id: "a" } as SessionSnapshot, reason, "lost");
      }
    },
    exportFeed(session: string, port: MessagePort): Promise<void> {
      if (session !== "a") return Promise.reject(noSession(session));
      exports++;
      const closed = new Promise<string>(() => {});
      const watched = { id: "a", feed, closed, endCode: undefined };
      new FeedExport(watched, carryByPort(port));
      return Promise.resolve();
    },
    subscribe(observer: HostObserver): Disposable {
      observers.add(observer);
      return { [Symbol.dispose]: () => void observers.delete(observer) };
    },
  };
}

Deno.test("SessionFeeds has one feed a session, for a while after its readers", async () => {
  const host = makeHost();
  using feeds = feedsOf(host, 20);
  const first = await feeds.open("a");
  const second = await feeds.open("a");
  assertEquals([first.feed === second.feed, host.exports], [true, 1]);
  first[Symbol.dispose]();
  // Whoever comes back soon finds it still there.
  second[Symbol.dispose]();
  const third = await feeds.open("a");
  assertEquals([third.feed === first.feed, host.exports], [true, 1]);
  third[Symbol.dispose]();
  await until(() => feeds.size === 0, { what: "the feed to be let go" });
  await until(() => host.feed.watchers === 0, { what: "its session to know" });
  using again = await feeds.open("a");
  assertEquals([again.feed === first.feed, host.exports], [false, 2]);
});

Deno.test("SessionFeeds tells that a session is over, or isn't there", async () => {
  const host = makeHost();
  using feeds = feedsOf(host);
  const error = await assertRejects(() => feeds.open("b"), HostError);
  assertEquals([error.code, feeds.size], ["no-session", 0]);
  using lease = await feeds.open("a");
  host.end("its worker died");
  assertEquals(await lease.closed, "its worker died");
  assertEquals(feeds.size, 0);
});

Deno.test("StreamTap gives the newest frame, and counts those it overtook", async () => {
  const feed = new Feed();
  const { signal } = new AbortController();
  feed.frame(frameOf(0));
  using tap = new StreamTap(feed, "points");
  feed.frame(frameOf(1));
  assertEquals((await tap.take(signal)).number, 1);
  const next = tap.take(signal);
  feed.frame(frameOf(7, "other"));
  feed.frame(frameOf(2));
  assertEquals((await next).number, 2);
  for (const number of [3, 4, 5]) feed.frame(frameOf(number));
  assertEquals((await tap.take(signal)).number, 5);
  assertEquals(feed.forwarded.framesDropped, 2);
  await assertRejects(() => tap.take(AbortSignal.abort(new Error("late"))));
});

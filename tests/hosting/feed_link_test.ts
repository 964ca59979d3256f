import { assertEquals } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import { carryByPort } from "../../lib/hosting/feed_carrier.ts";
import { FeedExport, FeedMirror } from "../../lib/hosting/feed_link.ts";
import { Feed } from "../../lib/session/feed.ts";
import { noForwarding } from "../../lib/session/forwarding.ts";
import { clockAhead } from "../fake_clock.ts";
import { frameOf } from "../recording/fed_recorder.ts";
import { testWith, until } from "../support.ts";

testWith(
  [],
  "Who takes a feed's frames too slowly is told how many were left out",
  async () => {
    const { port1, port2 } = new MessageChannel();
    const feed = new Feed();
    const closed = Promise.withResolvers<string>();
    const watched = { id: "a", feed, closed: closed.promise };
    new FeedExport({ ...watched, endCode: undefined }, carryByPort(port1), 8);
    const taken: number[] = [];
    let leftOut = 0;
    const mirror = new FeedMirror("a", carryByPort(port2), {
      isBusy: true,
      onLeftOut: (frames) => leftOut += frames,
    });
    using _joined = mirror.feed.join({
      onFrame: ({ number }) => taken.push(number),
      onPacket() {},
      onClock() {},
    });
    // All at once: the other side has no turn in between.
    for (let number = 0; number < 20; number++) {
      feed.frame(frameOf(pointCloud(new Float32Array(3)), { number }));
    }
    await until(() => taken.at(-1) === 19, { what: "the newest frame" });
    assertEquals(taken, [0, 1, 2, 3, 4, 5, 6, 7, 19]);
    assertEquals(leftOut, 11);
    closed.resolve("it is over");
    await mirror.closed;
  },
);

testWith([], "A feed lets go of who isn't heard for a minute", async () => {
  const { port1, port2 } = new MessageChannel();
  const feed = new Feed();
  const closed = new Promise<string>(() => {});
  const watched = { id: "a", feed, closed, endCode: undefined };
  new FeedExport(watched, carryByPort(port1));
  const forwarded = noForwarding();
  port2.postMessage({ type: "watchers", count: 1, forwarded });
  await until(() => feed.watchers === 1, { what: "its watcher" });
  const capture = () => feed.frame(frameOf(pointCloud(new Float32Array(3))));
  capture();
  assertEquals(feed.watchers, 1);
  using _later = clockAhead(60_001);
  capture();
  assertEquals(feed.watchers, 0);
  port2.close();
});

import { assertEquals } from "@std/assert";
import { pointCloud } from "../../lib/points/cloud.ts";
import { FeedExport, FeedMirror } from "../../lib/hosting/feed_link.ts";
import { Feed } from "../../lib/session/feed.ts";
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
    new FeedExport({ ...watched, endCode: undefined }, port1, 8);
    const taken: number[] = [];
    let leftOut = 0;
    const mirror = new FeedMirror("a", port2, {
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

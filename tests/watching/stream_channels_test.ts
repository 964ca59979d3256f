import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { pointCloud } from "../../lib/points/cloud.ts";
import { Feed } from "../../lib/session/feed.ts";
import { connectPair, peerTest, whenState } from "../transport/pair.ts";
import { Received } from "./received.ts";

const { data, ...shape } = pointCloud(new Float32Array(30));

function makeFrame(number: number) {
  const captureTime = Date.now();
  const stream = "points";
  return {
    ...shape,
    ...{ number, codec: "f32" as const, captureTime, bytes: data, stream },
  };
}

peerTest(
  "A frame comes once to a watcher whose channel opens before it is told of as connected",
  async () => {
    const { StreamChannels } = await import(
      "../../lib/watching/stream_channels.ts"
    );
    await using pair = await connectPair();
    const feed = new Feed();
    feed.frame(makeFrame(1));
    const channels = new StreamChannels({
      call: {
        peer: pair.right,
        isClosing: false,
        guard: { channel() {} },
        tell: (channel, message) => channel.send(JSON.stringify(message)),
        channelClosed() {},
      },
      feed,
      measure: () => Promise.resolve(undefined),
      log: createLogger({ write() {} }),
    });
    pair.right.onDataChannel.subscribe((channel) => channels.add(channel));
    const received = new Received();
    const offered = pair.left.createDataChannel("points", {
      protocol: "pointwire.v1",
    });
    received.listen(offered);
    await whenState(offered, "open");
    await received.until(() => received.frames.length === 1);
    using _joined = feed.join({
      onFrame: (frame) => channels.forward(frame),
      onPacket() {},
      onClock() {},
    });
    feed.frame(makeFrame(2));
    await received.until(() => received.frames.at(-1)?.number === 2);
    assertEquals(received.frames.map(({ number }) => number), [1, 2]);
    // One that came twice would be dropped where the next one is here already.
    const { framesSent, framesDropped } = channels.counters;
    assertEquals([framesSent, framesDropped], [2, 0]);
  },
);

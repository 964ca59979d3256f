/** A feed from node to node, over a bus that loses messages. */
import { assertEquals, assertLess } from "@std/assert";
import { BusError } from "../../lib/cluster/bus.ts";
import { busPath } from "../../lib/cluster/feed_path.ts";
import { FeedReceiver } from "../../lib/cluster/feed_receiver.ts";
import { FeedSender } from "../../lib/cluster/feed_sender.ts";
import { Subjects } from "../../lib/cluster/subjects.ts";
import {
  carryByPort,
  type FromExport,
  type FromMirror,
} from "../../lib/hosting/feed_carrier.ts";
import { FeedExport, FeedMirror } from "../../lib/hosting/feed_link.ts";
import { createLogger } from "../../lib/log.ts";
import { Feed } from "../../lib/session/feed.ts";
import { clockAhead } from "../fake_clock.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { testWith, until } from "../support.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";
import { MemoryBus } from "./memory_bus.ts";

/** One that takes several messages. */
const CLOUD = typedCloud(
  "x,y,z",
  Array.from({ length: 1_000 }, (_, i) => [i, i, i]),
);
const frameOf = (number: number) => encodedFrame(CLOUD, "raw", { number });

/** A session of one node, and its mirror on another. */
function setUp() {
  const bus = new MemoryBus();
  const subjects = new Subjects("test");
  const feed = new Feed();
  const closed = Promise.withResolvers<string>();
  const counts = { feeds: 0, bytes: 0 };
  const senders = new Set<FeedSender>();
  let links = 0;
  const door = { isShut: false, refused: 0 };
  const carrier = new FeedReceiver({
    counts: { feeds: 0, bytes: 0 },
    frameBytes: 1_000_000,
    canAsk: () => bus.isConnected,
    open: (events) => {
      const link = `${++links}`;
      const there = subjects.feed(link);
      const back = subjects.back(link);
      if (door.isShut) {
        door.refused++;
        return Promise.reject(new BusError("NATS is not connected"));
      }
      const { port1, port2 } = new MessageChannel();
      const watched = { id: "a", feed, closed: closed.promise };
      new FeedExport(
        { ...watched, endCode: "deleted" },
        carryByPort<FromExport, FromMirror>(port1),
      );
      const sender = new FeedSender({
        ...{ counts },
        open: (events) => busPath(bus, { sends: there, takes: back }, events),
        from: carryByPort<FromMirror, FromExport>(port2),
        onEnd: () => senders.delete(sender),
      });
      senders.add(sender);
      return Promise.resolve(
        busPath(bus, { sends: back, takes: there }, events),
      );
    },
    log: createLogger({ write: () => {} }),
  });
  const mirror = new FeedMirror("a", carrier);
  const numbers: number[] = [];
  mirror.feed.join({
    onFrame: ({ number, bytes }) => {
      assertEquals(bytes, frameOf(number).bytes);
      numbers.push(number);
    },
    onPacket() {},
    onClock() {},
  });
  const has = (number: number) =>
    until(() => numbers.at(-1) === number, { what: `frame ${number}` });
  return { bus, feed, closed, counts, senders, door, mirror, numbers, has };
}

testWith(
  [],
  "A feed that lost a message goes on, and nothing twice",
  async () => {
    const { bus, feed, closed, senders, mirror, numbers, has } = setUp();
    await mirror.ready;
    feed.frame(frameOf(0));
    await has(0);
    // One in the middle of the frame: what is left of it is no frame.
    let messages = 0;
    bus.loses = (subject) => subject.includes(".feed.") && ++messages === 2;
    feed.frame(frameOf(1));
    await until(() => messages >= 2, { what: "the message that is lost" });
    // The newest one is what another link begins with.
    await has(1);
    feed.frame(frameOf(2));
    await has(2);
    assertEquals(numbers, [0, 1, 2]);
    closed.resolve("it was deleted");
    assertEquals(await mirror.closed, "it was deleted");
    assertEquals(mirror.endCode, "deleted");
    await until(() => senders.size === 0, { what: "the end of both links" });
    assertEquals(bus.subjects, []);
  },
);

testWith(
  [],
  "A feed whose node can't be asked is not waited for as if it were coming",
  async () => {
    const { bus, feed, door, mirror, has } = setUp();
    await mirror.ready;
    feed.frame(frameOf(0));
    await has(0);
    door.isShut = true;
    let messages = 0;
    bus.loses = (subject) => subject.includes(".feed.") && ++messages === 2;
    feed.frame(frameOf(1));
    await until(() => door.refused > 0, { what: "a link that is refused" });
    const isListening = () =>
      bus.subjects.some((subject) => subject.includes(".feed."));
    await until(() => !isListening(), { what: "the end of what was refused" });
    door.isShut = false;
    await has(1);
    mirror.end("nobody watches", "ended");
  },
);

testWith([], "A mirror that takes nothing is sent a few frames", async () => {
  const { bus, feed, counts, senders, mirror } = setUp();
  await mirror.ready;
  bus.loses = (subject) => subject.includes(".back.");
  const before = counts.bytes;
  for (let number = 0; number < 50; number++) feed.frame(frameOf(number));
  const frameBytes = frameOf(0).bytes.length;
  await until(() => counts.bytes - before >= 3 * frameBytes, {
    what: "the frames that may be under way",
  });
  // Whoever says nothing any more is let go.
  bus.isConnected = false;
  using _later = clockAhead(5_001);
  await until(() => senders.size === 0, { what: "the end of the link" });
  assertLess(counts.bytes - before, 4 * frameBytes);
  mirror.end("nobody watches", "ended");
});

import { assertEquals } from "@std/assert";
import { readMessageData } from "../../../lib/ros/foxglove_wire.ts";
import {
  type ChannelMessage,
  createMessage,
} from "../../../lib/serving/foxglove/channel_message.ts";
import { Outbox } from "../../../lib/serving/foxglove/outbox.ts";
import { until } from "../../support.ts";

const MIB = 1024 * 1024;

/** An outbox, and a socket that holds as much as a test says. */
function makeOutbox() {
  const seen = { sent: [] as string[], dropped: [] as number[] };
  const state = { asked: 0, now: 0 };
  const socket = {
    bufferedAmount: 0,
    /** Bytes that each message adds to what is buffered. */
    takes: 0,
    send(message: Uint8Array) {
      const { subscription, data } = readMessageData(message)!;
      seen.sent.push(`${subscription}: ${data[0]}`);
      socket.bufferedAmount += socket.takes;
    },
  };
  const outbox = new Outbox(socket as never, {
    onSent: () => {},
    onDropped: ({ bytes }) =>
      seen.dropped.push(readMessageData(bytes)!.data[0]),
    now: () => state.now,
  });
  return {
    ...seen,
    state,
    socket,
    outbox,
    message: (
      first: number,
      { key = "a", order = "newest", size = 1 }: Partial<ChannelMessage> & {
        size?: number;
      } = {},
    ) => {
      const data = new Uint8Array(size);
      data[0] = first;
      const requestKey = () => void state.asked++;
      return createMessage(data, { key, order, requestKey });
    },
    /** Has the socket take what waits. */
    async drain(): Promise<void> {
      socket.bufferedAmount = 0;
      const before = seen.sent.length;
      await until(() => seen.sent.length > before, { what: "what waits" });
    },
    [Symbol.dispose]: () => outbox[Symbol.dispose](),
  };
}

Deno.test("What a socket has room for is sent at once", () => {
  using scene = makeOutbox();
  const message = scene.message(1);
  scene.outbox.push(message, 7);
  // One message is everybody's.
  scene.outbox.push(message, 8);
  scene.socket.bufferedAmount = 256 * 1024;
  scene.outbox.push(scene.message(2), 7);
  assertEquals(scene.sent, ["7: 1", "8: 1", "7: 2"]);
});

Deno.test("The newest of each kind waits, in order", async () => {
  using scene = makeOutbox();
  scene.socket.bufferedAmount = MIB;
  for (const first of [1, 2, 3]) scene.outbox.push(scene.message(first), 7);
  scene.outbox.push(scene.message(4, { key: "b" }), 8);
  scene.outbox.push(scene.message(5), 7);
  assertEquals(scene.dropped, [1, 2, 3]);
  await scene.drain();
  assertEquals(scene.sent, ["8: 4", "7: 5"]);
});

Deno.test("No more than 16 MiB wait, the oldest give way", async () => {
  using scene = makeOutbox();
  scene.socket.bufferedAmount = MIB;
  for (const first of [1, 2, 3, 4]) {
    const size = 6 * MIB;
    scene.outbox.push(scene.message(first, { key: `${first}`, size }), first);
  }
  assertEquals(scene.dropped, [1, 2]);
  // One alone may be larger.
  scene.outbox.push(scene.message(5, { key: "5", size: 20 * MIB }), 5);
  assertEquals(scene.dropped, [1, 2, 3, 4]);
  await scene.drain();
  assertEquals(scene.sent, ["5: 5"]);
});

Deno.test("Video begins with a keyframe, and goes on with one", async () => {
  using scene = makeOutbox();
  const push = (first: number, order: "key" | "next") =>
    scene.outbox.push(scene.message(first, { key: "v", order }), 1);
  push(1, "next");
  assertEquals([scene.sent, scene.dropped, scene.state.asked], [[], [], 1]);
  push(2, "key");
  scene.socket.bufferedAmount = MIB;
  push(3, "next");
  push(4, "next");
  scene.state.now += 1001;
  push(5, "next");
  assertEquals([scene.dropped, scene.state.asked], [[3, 4, 5], 2]);
  push(6, "key");
  push(7, "next");
  await scene.drain();
  assertEquals(scene.sent, ["1: 2", "1: 6", "1: 7"]);
  // Who subscribes again begins again.
  scene.outbox.forget(1);
  push(8, "next");
  assertEquals([scene.sent.length, scene.dropped.length], [3, 3]);
});

Deno.test("What waits for who leaves is forgotten", async () => {
  using scene = makeOutbox();
  scene.socket.bufferedAmount = MIB;
  scene.outbox.push(scene.message(1), 7);
  scene.outbox.push(scene.message(2, { key: "b" }), 8);
  scene.outbox.forget(7);
  await scene.drain();
  assertEquals([scene.sent, scene.dropped], [["8: 2"], []]);
});

Deno.test("A socket that takes nothing stalls, a slow one doesn't", () => {
  using scene = makeOutbox();
  const stalledAfter = (ms: number, buffered: number) => {
    scene.state.now += ms;
    scene.socket.bufferedAmount = buffered;
    return scene.outbox.stalledMs();
  };
  assertEquals(stalledAfter(60_000, 0), 0);
  assertEquals(stalledAfter(1000, 500), 1000);
  assertEquals(stalledAfter(1000, 400), 0);
  assertEquals(stalledAfter(5000, 400), 5000);
  // More that waits is no sign of life.
  assertEquals(stalledAfter(5000, 700), 10_000);
  // One that got rid of a message, and was given the next, looks alike.
  scene.socket.bufferedAmount = 0;
  scene.socket.takes = 700;
  scene.outbox.push(scene.message(1), 7);
  assertEquals(stalledAfter(1000, 700), 1000);
});

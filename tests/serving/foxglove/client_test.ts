/** One connection of a tool, on a socket that does as a test says. */
import { assertEquals } from "@std/assert";
import { createMessage } from "../../../lib/serving/foxglove/channel_message.ts";
import { FoxgloveClient } from "../../../lib/serving/foxglove/client.ts";

const CHANNEL = {
  ...{ id: 5, topic: "/a", encoding: "cdr", schemaName: "b/msg/C" },
  ...{ schema: "", schemaEncoding: "ros2msg" },
};

function makeClient() {
  const state = { now: 0, subscribed: 0, dropped: 0, ended: 0 };
  const sent: (string | Uint8Array)[] = [];
  const socket = {
    readyState: WebSocket.OPEN as number,
    bufferedAmount: 0,
    onmessage: null as ((event: { data: unknown }) => void) | null,
    closed: [] as [number, string][],
    send: (data: string | Uint8Array) => void sent.push(data),
    close(code: number, reason: string) {
      socket.readyState = WebSocket.CLOSING;
      socket.closed.push([code, reason]);
    },
  };
  const client = new FoxgloveClient({
    socket: socket as unknown as WebSocket,
    onSubscribe: () => {
      state.subscribed++;
      return { [Symbol.dispose]: () => void state.subscribed-- };
    },
    onEnd: () => void state.ended++,
    onSent: () => {},
    onDropped: () => void state.dropped++,
    now: () => state.now,
  });
  client.advertise([CHANNEL]);
  const subscriptions = [{ id: 1, channelId: CHANNEL.id }];
  socket.onmessage!({
    data: JSON.stringify({ op: "subscribe", subscriptions }),
  });
  const push = () =>
    client.send(
      CHANNEL.id,
      createMessage(new Uint8Array(9), { key: "a", order: "newest" }),
    );
  const statuses = () =>
    sent.filter((data) => typeof data === "string")
      .map((data) => JSON.parse(data)).filter(({ op }) => op === "status");
  return {
    ...{ client, socket, state, sent, push, statuses },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

Deno.test("A tool that takes nothing for 30 s is hung up on", () => {
  using tool = makeClient();
  tool.socket.bufferedAmount = 1_000_000;
  for (let second = 0; second <= 30; second++) {
    tool.client.checkStall();
    assertEquals(tool.socket.closed, []);
    tool.push();
    tool.state.now += 1000;
  }
  tool.client.checkStall();
  assertEquals(tool.socket.closed, [[1013, "nothing was read for 30 s"]]);
  assertEquals([tool.state.subscribed, tool.state.ended], [0, 1]);
});

Deno.test("A slow tool is told of it, every ten seconds", () => {
  using tool = makeClient();
  tool.socket.bufferedAmount = 1_000_000;
  for (let i = 0; i < 200; i++) {
    tool.push();
    tool.state.now += 100;
  }
  assertEquals(tool.state.dropped, 199);
  assertEquals(
    tool.statuses().map(({ level, message }) => [level, message]),
    [
      [1, 1],
      [1, 101],
    ].map(([level, count]) => [
      level,
      `The connection doesn't keep up: ${count} messages gave way to newer ` +
      "ones so far",
    ]),
  );
});

Deno.test("A channel that is gone ends its subscription", () => {
  using tool = makeClient();
  assertEquals(tool.state.subscribed, 1);
  tool.push();
  tool.client.unadvertise([4, CHANNEL.id]);
  assertEquals(tool.state.subscribed, 0);
  assertEquals(tool.sent.at(-1), '{"op":"unadvertise","channelIds":[5]}');
  const { length } = tool.sent;
  tool.push();
  // It is told once, and of no channel that it wasn't told of.
  tool.client.unadvertise([4, CHANNEL.id]);
  assertEquals(tool.sent.length, length);
});

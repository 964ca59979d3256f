/** Tools that do what no tool should, beside one that does what it should. */
import {
  assert,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import {
  type Publisher,
  startPublisher,
  startServer,
} from "../../playing/scene.ts";
import { testWith, until } from "../../support.ts";
import { RawTool } from "./raw_tool.ts";
import { Tool } from "./tool.ts";

const NAME = "robot-7";
const POINTS = `/${NAME}/points`;

/** A server, one who publishes, and a good tool that has had a cloud. */
async function startDoor() {
  await using life = new AsyncDisposableStack();
  const server = life.use(await startServer());
  const publisher: Publisher = life.use(
    await startPublisher(server, { name: NAME }),
  );
  publisher.source.send(1);
  const good = life.use(new Tool(server));
  await good.subscribe(POINTS);
  await good.next(POINTS);
  const rest = life.move();
  return {
    ...{ server, publisher, good },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

testWith(
  [],
  "What can't be taken is refused, and then hung up on",
  async () => {
    await using door = await startDoor();
    const subscribe = (subscriptions: unknown) =>
      JSON.stringify({ op: "subscribe", subscriptions });
    const { id: channelId } = door.good.channels.get(POINTS)!;
    using tool = new Tool(door.server);
    await until(() => tool.channels.has(POINTS), { what: "the channels" });
    const cases: [string | Uint8Array<ArrayBuffer>, string][] = [
      ["", "A text message is no JSON"],
      ["[]", "A text message is no JSON object"],
      ["{}", "This server does subscribe and unsubscribe, and no undefined"],
      ['{"op":"constructor"}', "and no constructor"],
      ['{"op":"advertise","channels":[]}', "and no advertise"],
      ['{"op":"\\u001b[2J"}', "and no \\u001b[2J"],
      [subscribe(undefined), "subscribe has no list of subscriptions"],
      [subscribe([null]), "subscribe has no list of subscriptions"],
      [subscribe([{ id: -1, channelId }]), "subscribe has no list"],
      [subscribe([{ id: 2 ** 32, channelId }]), "subscribe has no list"],
      [
        subscribe([{ id: 1, channelId: 1e9 }]),
        "There is no channel 1000000000",
      ],
      ['{"op":"unsubscribe","subscriptionIds":{}}', "unsubscribe has no list"],
      [new Uint8Array([1, 0, 0, 0, 0]), "This server takes no binary messages"],
    ];
    for (const [i, [message, expected]] of cases.entries()) {
      tool.socket.send(message);
      await until(() => tool.statuses.length > i, { what: expected });
      assertEquals(tool.statuses[i].level, 2);
      assertStringIncludes(tool.statuses[i].message, expected);
    }
    // What is good is still taken, once.
    const good = subscribe([{ id: 1, channelId }]);
    tool.socket.send(good);
    tool.socket.send(good);
    tool.socket.send(subscribe([{ id: 2, channelId }]));
    const [first, second] = [cases.length, cases.length + 1];
    await until(() => tool.statuses.length > second, { what: "two refusals" });
    assertStringIncludes(tool.statuses[first].message, "a subscription 1");
    assertStringIncludes(
      tool.statuses[second].message,
      "subscribed to already",
    );
    // To leave what one hasn't is no mistake: it may have gone meanwhile.
    tool.socket.send('{"op":"unsubscribe","subscriptionIds":[77]}');
    for (let i = second + 1; i < 20; i++) tool.socket.send("?");
    assertEquals(await tool.end(), {
      ...{ code: 1008, reason: "too much could not be taken" },
    });
    door.publisher.source.send(1);
    await door.good.next(POINTS, 2);
  },
);

testWith(
  [],
  "A long list of mistakes ends at the last that is one too many",
  async () => {
    await using door = await startDoor();
    using tool = new Tool(door.server);
    await until(() => tool.topics.length > 0, { what: "the channels" });
    const subscriptions = Array.from(
      { length: 1000 },
      (_, id) => ({ id, channelId: 1e6 + id }),
    );
    tool.socket.send(JSON.stringify({ op: "subscribe", subscriptions }));
    assertEquals((await tool.end()).code, 1008);
    assertEquals(tool.statuses.length, 20);
  },
);

testWith(
  [],
  "Messages that are too long or too many end a connection",
  async () => {
    await using door = await startDoor();
    using long = new Tool(door.server);
    using many = new Tool(door.server);
    await until(() => many.topics.length > 0 && long.topics.length > 0, {
      what: "the channels",
    });
    long.socket.send(" ".repeat(64 * 1024 + 1));
    assertEquals((await long.end()).code, 1009);
    const none = '{"op":"unsubscribe","subscriptionIds":[]}';
    for (let i = 0; i < 2000; i++) many.socket.send(none);
    // It may be reset before it has read why, as it was still sending.
    assert([0, 1006, 1008].includes((await many.end()).code));
    door.publisher.source.send(1);
    await door.good.next(POINTS, 2);
  },
);

testWith([], "One who comes and goes leaves nothing behind", async () => {
  await using door = await startDoor();
  const { id: channelId } = door.good.channels.get(POINTS)!;
  const { port } = door.server;
  for (let i = 0; i < 20; i++) {
    using tool = await RawTool.open({ port });
    await tool.text(JSON.stringify({
      ...{ op: "subscribe", subscriptions: [{ id: i, channelId }] },
    }));
    if (i % 2 === 0) await tool.read();
  }
  const watchers = async () => (await door.server.host.sessions())[0].watchers;
  await until(async () => await watchers() === 1, { what: "the good one" });
  const text = await (await fetch(`${door.server.url}/metrics`)).text();
  const [, clients] = /^pointwire_foxglove_clients (\d+)/m.exec(text)!;
  assertLess(Number(clients), 2);
});

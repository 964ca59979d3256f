/** A tool that reads nothing, beside one that reads all. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { cloudOf, startPublisher, startServer } from "../../playing/scene.ts";
import { testWith, until } from "../../support.ts";
import { RawTool } from "./raw_tool.ts";
import { Tool } from "./tool.ts";

const POINTS = "/robot-7/points";
const FRAMES = 40;

/** How many messages tools were too slow for. */
async function droppedAt({ url }: { url: string }): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^pointwire_foxglove_dropped_total (\d+)/m.exec(text)![1]);
}

/** A server, who publishes, a tool that reads, and one that reads nothing. */
async function startDoor() {
  await using life = new AsyncDisposableStack();
  const server = life.use(await startServer());
  const publisher = life.use(
    await startPublisher(server, { name: "robot-7", adaptive: false }),
  );
  publisher.source.send(1);
  const fast = life.use(new Tool(server));
  await fast.subscribe(POINTS);
  await fast.next(POINTS);
  const { id: channelId } = fast.channels.get(POINTS)!;
  const slow = life.use(await RawTool.open({ port: server.port }));
  await slow.text(JSON.stringify({
    ...{ op: "subscribe", subscriptions: [{ id: 1, channelId }] },
  }));
  let sent = 1;
  const send = async () => {
    publisher.source.send(1);
    await fast.next(POINTS, ++sent);
    return sent;
  };
  while (await droppedAt(server) === 0) {
    assert(sent < 2_000, "nothing is dropped");
    await send();
  }
  const rest = life.move();
  return {
    ...{ server, fast, slow, send },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

testWith(
  [],
  "A tool that doesn't keep up loses its oldest clouds, and nobody else's",
  async () => {
    await using door = await startDoor();
    const { server, fast, slow } = door;
    let sent = 0;
    // As many again: the slow one has one that waits, and it is the newest.
    for (let i = 0; i < FRAMES; i++) sent = await door.send();
    assertGreater(await droppedAt(server), FRAMES - 1);
    assertEquals(fast.of(POINTS).at(-1)!.value.data, cloudOf(sent - 1).data);
    assertEquals(fast.statuses, []);
    await until(
      async () =>
        (await server.host.sessions())[0].forwarded.framesDropped >= FRAMES,
      { what: "that drops are counted for the session" },
    );
    // It is told, once it reads at last.
    let text = "";
    await until(async () => {
      text = (text + await slow.read()).slice(-200_000);
      return text.includes("doesn't keep up");
    }, { what: "a word about it" });
  },
);

testWith(
  [],
  "A server that stops isn't held up by a tool that reads nothing",
  async () => {
    await using door = await startDoor();
    const { server, fast } = door;
    await server.close("it was asked to");
    assertEquals((await fast.end()).code, 1001);
  },
);

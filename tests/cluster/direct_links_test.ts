/** The WebSockets between nodes, over real sockets. */
import { assert, assertEquals } from "@std/assert";
import { DirectLinks, LINKS_PATH } from "../../lib/cluster/direct_links.ts";
import { type FeedPath, socketPath } from "../../lib/cluster/feed_path.ts";
import { FeedReceiver } from "../../lib/cluster/feed_receiver.ts";
import { createLogger } from "../../lib/log.ts";
import { clusterRoute } from "../../lib/serving/cluster_route.ts";
import { problemOf } from "../../lib/serving/problem_of.ts";
import { createRouter } from "../../lib/serving/route.ts";
import { freePort } from "../free_port.ts";
import { testWith, until } from "../support.ts";

const quiet = () => createLogger({ write: () => {} });
const bytes = (...values: number[]) => Uint8Array.from(values);

/** A node that echoes what comes over its links. */
function startNode() {
  const links = new DirectLinks(quiet());
  const route = createRouter([clusterRoute(links)]);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
  }, async (request) => {
    try {
      return await route(request, "127.0.0.1");
    } catch (error) {
      return problemOf(error).response();
    }
  });
  const told: string[] = [];
  const expect = (link: string) => {
    links.expect(link, {
      accept(socket) {
        const path: FeedPath = socketPath(socket, {
          onMessage: (message) => path.send(message),
          onClosed: () => told.push("closed"),
        });
      },
      giveUp: () => told.push("given up"),
    });
    return Promise.resolve();
  };
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    told,
    expect,
    async [Symbol.asyncDispose]() {
      links[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

testWith(
  [],
  "A link carries messages both ways, until one side ends it",
  async () => {
    await using node = startNode();
    using links = new DirectLinks(quiet());
    const got: Uint8Array[] = [];
    let name = "";
    const path = await links.open(node.url, {
      onMessage: (message) => got.push(message),
      onClosed() {},
    }, (link) => node.expect(name = link));
    assert(path !== undefined);
    path.send(bytes(1, 2));
    path.send(bytes(3));
    await until(() => got.length === 2, { what: "both messages" });
    assertEquals(got, [bytes(1, 2), bytes(3)]);
    // Its name was good for once.
    const again = await fetch(`${node.url}${LINKS_PATH}${name}`);
    assertEquals(again.status, 404);
    await again.body?.cancel();
    path[Symbol.dispose]();
    await until(() => node.told.length > 0, { what: "the end" });
    assertEquals(node.told, ["closed"]);
  },
);

testWith(
  [],
  "A link that nobody opens, or not as a WebSocket, is given up",
  async () => {
    await using node = startNode();
    await node.expect("one");
    await node.expect("other");
    const answer = await fetch(`${node.url}${LINKS_PATH}other`);
    assertEquals(answer.status, 400);
    await answer.body?.cancel();
    await until(() => node.told.length === 2, { what: "both given up" });
    assertEquals(node.told, ["given up", "given up"]);
  },
);

testWith(
  [],
  "A node that can't be reached isn't tried again at once",
  async () => {
    await using node = startNode();
    using links = new DirectLinks(quiet());
    const events = { onMessage() {}, onClosed() {} };
    const asked: string[] = [];
    const ask = (link: string) => Promise.resolve(void asked.push(link));
    const gone = `http://127.0.0.1:${freePort()}`;
    // There, but it wasn't told of the link; and what no socket leads to.
    for (const url of [gone, node.url, "nowhere", "ftp://127.0.0.1"]) {
      assertEquals(links.mayReach(url), true);
      assertEquals(await links.open(url, events, ask), undefined);
      assertEquals(links.mayReach(url), false);
    }
    assertEquals(new Set(asked).size, 4);
  },
);

testWith(
  [],
  "Of many nodes that can't be reached the last ones are known",
  async () => {
    using links = new DirectLinks(quiet());
    const events = { onMessage() {}, onClosed() {} };
    const urls = Array.from({ length: 1_001 }, (_, i) => `nowhere-${i}`);
    for (const url of urls) {
      await links.open(url, events, () => Promise.resolve());
    }
    assertEquals(urls.filter((url) => links.mayReach(url)), ["nowhere-0"]);
  },
);

for (const closes of [false, true]) {
  testWith(
    [],
    `A link that ${closes ? "closes" : "is silent"} isn't opened again at once`,
    async () => {
      const end = new AbortController();
      const server = Deno.serve({
        ...{ hostname: "127.0.0.1", port: 0, signal: end.signal },
        onListen() {},
      }, (request) => {
        const { socket, response } = Deno.upgradeWebSocket(request);
        if (closes) socket.onopen = () => socket.close();
        return response;
      });
      const url = `http://127.0.0.1:${server.addr.port}`;
      using links = new DirectLinks(quiet());
      const opened: boolean[] = [];
      const receiver = new FeedReceiver({
        counts: { feeds: 0, bytes: 0 },
        frameBytes: 1_000,
        canAsk: () => true,
        async open(events) {
          const path = links.mayReach(url)
            ? await links.open(url, events, () => Promise.resolve())
            : undefined;
          opened.push(path !== undefined);
          if (path === undefined) throw new Error("There is no other path");
          return path;
        },
        log: quiet(),
      });
      await receiver.opened;
      await until(() => opened.length > 1, { what: "another try" });
      receiver.close();
      end.abort();
      await server.finished;
      assertEquals(opened.slice(0, 2), [true, false]);
    },
  );
}

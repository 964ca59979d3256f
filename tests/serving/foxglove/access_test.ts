/** Who may come in by the Foxglove door, and who may not. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createAuthorize } from "../../../lib/auth/authorize.ts";
import { knownToken } from "../../../lib/auth/tokens.ts";
import { startPublisher, startServer } from "../../playing/scene.ts";
import { testWith, until } from "../../support.ts";
import { RawTool } from "./raw_tool.ts";
import { Tool } from "./tool.ts";

/** Of all the characters that a token may have. */
const ONE = "one+1/~._-==";
const ALL = "all";

const authorize = createAuthorize({
  open: [],
  tokens: () => [
    knownToken(ONE, { rights: { watch: new Set(["one"]) } }, "one"),
    knownToken(ALL, { rights: { watch: "all", publish: "all" } }, "all"),
  ],
});

async function statusOf(
  port: number,
  fields: Record<string, string>,
  path = "/foxglove",
): Promise<number> {
  using tool = await RawTool.open({ port, fields, path });
  return tool.answer.status;
}

testWith([], "A tool is shown what its token may watch", async () => {
  await using server = await startServer({ authorize });
  const options = { token: ALL };
  await using one = await startPublisher(server, { name: "one", ...options });
  await using two = await startPublisher(server, {
    ...{ name: "two", place: { parent: "map" }, ...options },
  });
  one.source.send(1);
  two.source.send(1);
  using all = new Tool({ url: server.url, token: ALL });
  using some = new Tool({ url: server.url, token: ONE });
  await until(() => all.topics.length === 5, { what: "all topics" });
  await until(() => some.topics.length === 3, { what: "the topics of one" });
  assertEquals(some.topics, ["/one/points", "/one/stats", "/tf"]);
  // Not by guessing either.
  const { id } = all.channels.get("/two/points")!;
  some.socket.send(JSON.stringify({
    ...{ op: "subscribe", subscriptions: [{ id: 9, channelId: id }] },
  }));
  await until(() => some.statuses.length === 1, { what: "a refusal" });
  assertEquals(
    some.statuses[0],
    {
      ...{ op: "status", level: 2, message: `There is no channel ${id}` },
    } as typeof some.statuses[0],
  );
  await some.subscribe("/tf");
  await all.subscribe("/tf");
  await all.next("/tf", 3);
  assertEquals(some.of("/tf"), []);
});

testWith([], "A token stands in a field or in the URL", async () => {
  await using server = await startServer({ authorize });
  const { port } = server;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const inUrl = (token: string) => `/foxglove?token=${token}`;
  assertEquals(await statusOf(port, {}), 401);
  assertEquals(await statusOf(port, bearer("none")), 401);
  assertEquals(await statusOf(port, bearer(ALL)), 101);
  assertEquals(await statusOf(port, {}, inUrl(encodeURIComponent(ONE))), 101);
  // As somebody types it.
  assertEquals(await statusOf(port, {}, inUrl(ONE)), 101);
  for (const token of ["none", "", "%00", "%F0%9F%A4%96", "a%0D%0Ab"]) {
    assertEquals(await statusOf(port, {}, inUrl(token)), 401, token);
  }
  // The URL's is for those who can't set a field.
  assertEquals(await statusOf(port, bearer("none"), inUrl(ALL)), 401);
  // Elsewhere a URL lets nobody in.
  const response = await fetch(`${server.url}/sessions?token=${ALL}`);
  await response.body?.cancel();
  assertEquals(response.status, 401);
});

testWith([], "A page of another origin is kept out", async () => {
  await using server = await startServer({ cors: ["https://tool.example"] });
  const { port } = server;
  assertEquals(await statusOf(port, { origin: "https://evil.example" }), 403);
  assertEquals(await statusOf(port, { origin: "null" }), 403);
  assertEquals(await statusOf(port, { host: "evil.example" }), 421);
  assertEquals(await statusOf(port, { origin: "https://tool.example" }), 101);
  assertEquals(
    await statusOf(port, { origin: `http://127.0.0.1:${port}` }),
    101,
  );
});

testWith([], "What is no WebSocket of the protocol is told so", async () => {
  await using server = await startServer();
  const { port } = server;
  const response = await fetch(`${server.url}/foxglove`);
  assertEquals(response.status, 426);
  assertStringIncludes((await response.json()).detail, "WebSocket");
  for (const field of ["sec-websocket-protocol", "sec-websocket-key"]) {
    assertEquals(await statusOf(port, { [field]: "" }), 400, field);
  }
  assertEquals(
    await statusOf(port, { "sec-websocket-protocol": "rosbridge" }),
    400,
  );
});

testWith([], "There are so many tools at once, and no more", async () => {
  await using server = await startServer({
    limits: { foxgloveClients: 3, foxgloveClientsPerAddress: 2 },
    trustProxy: "x-forwarded-for",
  });
  const { port } = server;
  const from = (address: string) =>
    RawTool.open({ port, fields: { "x-forwarded-for": address } });
  using first = await from("192.0.2.1");
  using second = await from("192.0.2.1");
  using third = await from("192.0.2.1");
  using fourth = await from("192.0.2.2");
  using fifth = await from("192.0.2.3");
  assertEquals(
    [first, second, third, fourth, fifth].map(({ answer }) => answer.status),
    [101, 101, 429, 101, 503],
  );
  assertEquals(server.limitCounters.snapshot()["foxglove-clients"], 1);
  first.close();
  await until(async () => {
    using again = await from("192.0.2.1");
    return again.answer.status === 101;
  }, { what: "a place that is free again" });
});

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { TextLineStream } from "../../tools/text_lines.ts";
import { connectTo, makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { startHandler } from "./support.ts";

/** Reads the events of a stream, one after the other. */
async function* readEvents(
  response: Response,
): AsyncGenerator<{ event: string; data: unknown }> {
  let event = "";
  for await (const line of response.body!.pipeThrough(new TextLineStream())) {
    const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
    if (name === "event") event = value;
    if (name === "data") yield { event, data: JSON.parse(value) };
  }
}

peerTest("/events tells of sessions that come, count and go", async () => {
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  await using server = await startHandler();
  const response = await server.request("GET", "/events");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const events = readEvents(response);
  const next = async (event: string) => {
    while (true) {
      const { value, done } = await events.next();
      assert(!done, `the stream ended before the event ${event}`);
      if (value?.event === event) return value.data;
    }
  };
  assertEquals(await next("sessions"), [], "at once");

  const offered = await server.request("POST", "/whip", {
    body: await offerOf(made.peer),
    headers: { "content-type": "application/sdp" },
  });
  await connectTo(made.peer, await offered.text());
  const [{ id }] = await server.host.sessions();
  const opened = await next("opened") as { id: string; state: string };
  assertEquals([opened.id, opened.state], [id, "connected"]);
  const before = performance.now();
  for (let i = 0; i < 2; i++) {
    const sessions = await next("sessions") as { id: string }[];
    assertEquals(sessions.map((session) => session.id), [id]);
  }
  assertGreaterOrEqual(performance.now() - before, 900);

  await server.request("DELETE", `/sessions/${id}`);
  assertEquals(await next("closed"), {
    ...{ id, name: "127.0.0.1" },
    reason: "the session was deleted",
  });
  server.stop();
  while (!(await events.next()).done);
});

peerTest("/events forgets who hangs up, and answers HEAD", async () => {
  await using server = await startHandler();
  const response = await server.request("GET", "/events");
  await response.body!.cancel();
  const head = await server.request("HEAD", "/events");
  assertEquals([head.status, head.body], [200, null]);
  server.stop();
});

peerTest("/events ends at once while the server closes", async () => {
  await using server = await startHandler();
  server.stop();
  const response = await server.request("GET", "/events");
  assertEquals(await response.text(), "");
});

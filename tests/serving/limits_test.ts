import { assertEquals, assertGreater } from "@std/assert";
import { LimitCounters } from "../../lib/limits/limit_counters.ts";
import type { RequestLimits } from "../../lib/limits/request_limits.ts";
import { JSON_BODY } from "../support.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";
import {
  assertProblem,
  type HandlerUnderTest,
  startHandler,
} from "./support.ts";

type Start = Parameters<typeof startHandler>[0];

/** A handler, and what it answers to the same good offer again and again. */
async function setUp(options: Start): Promise<
  HandlerUnderTest & {
    publish(from?: { remote?: string; forwardedFor?: string }): Promise<
      Response
    >;
    watch(session: string, remote?: string): Promise<Response>;
    /** Limits that were reached, and how often. */
    reached(): Partial<Record<string, number>>;
  }
> {
  await using caller = await makePeer();
  caller.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const sdp = await offerOf(caller.peer);
  const handler = await startHandler(options);
  return {
    ...handler,
    publish: ({ remote, forwardedFor } = {}) =>
      handler.request("POST", "/offer", {
        body: JSON.stringify({ type: "offer", sdp }),
        headers: {
          ...JSON_BODY,
          ...forwardedFor === undefined
            ? {}
            : { "x-forwarded-for": forwardedFor },
        },
        remote,
      }),
    watch: (session, remote) =>
      handler.request("POST", `/whep/${session}`, {
        body: sdp,
        headers: { "content-type": "application/sdp" },
        remote,
      }),
    reached: () => {
      const counts = Object.entries(handler.counters.snapshot());
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
  };
}

async function idOf(response: Response): Promise<string> {
  assertEquals(response.status, 200, await response.clone().text());
  return (await response.json()).session;
}

/** Checks a refusal that says when to come back. */
async function assertRefused(
  response: Response,
  status: number,
  detail: string,
): Promise<void> {
  assertGreater(Number(response.headers.get("retry-after")), 0);
  await assertProblem(response, status, detail);
}

peerTest(
  "A server takes so many sessions, and one more for one that ends",
  async () => {
    await using server = await setUp({ limits: { sessions: 2 } });
    const first = await idOf(await server.publish({ remote: "192.0.2.1" }));
    await idOf(await server.publish({ remote: "192.0.2.2" }));
    const refused = await server.publish({ remote: "192.0.2.3" });
    await assertRefused(
      refused,
      503,
      "The server has all the sessions that it takes (2)",
    );
    await server.request("DELETE", `/sessions/${first}`);
    await idOf(await server.publish({ remote: "192.0.2.3" }));
    assertEquals(server.reached(), { sessions: 1 });
  },
);

peerTest(
  "An address may have so many sessions, and no other has fewer",
  async () => {
    await using server = await setUp({
      limits: { sessionsPerAddress: 1, connectingPerAddress: 9 },
    });
    await idOf(await server.publish({ remote: "2001:db8::1" }));
    await assertRefused(
      await server.publish({ remote: "2001:db8::2" }),
      429,
      "Your address has all the sessions that it may have (1)",
    );
    await idOf(await server.publish({ remote: "2001:db8:0:1::1" }));
    assertEquals(server.reached(), { "sessions-per-address": 1 });
  },
);

peerTest("An offer that can't be answered takes up nothing", async () => {
  await using server = await setUp({ limits: { sessions: 1 } });
  const sdp = [
    "v=0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ...["a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv"],
    `a=fingerprint:sha-256 ${Array(32).fill("0F").join(":")}`,
  ].join("\r\n");
  const body = JSON.stringify({ type: "offer", sdp });
  for (let i = 0; i < 3; i++) {
    const headers = JSON_BODY;
    const response = await server.request("POST", "/offer", { body, headers });
    assertEquals(response.status, 400);
  }
  await idOf(await server.publish());
});

peerTest("So many sessions of an address may be connecting", async () => {
  await using server = await setUp({ limits: { connectingPerAddress: 1 } });
  const { connectTo } = await import("../transport/pair.ts");
  await using caller = await makePeer();
  caller.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const sdp = await offerOf(caller.peer);
  const body = JSON.stringify({ type: "offer", sdp });
  const headers = JSON_BODY;
  const answered = await server.request("POST", "/offer", { body, headers });
  const answer = await answered.json();
  await assertRefused(
    await server.publish(),
    429,
    "Your address has all the sessions that may be still to connect (1)",
  );
  const connected = Promise.withResolvers<void>();
  using _ = server.host.subscribe({ onConnected: () => connected.resolve() });
  await connectTo(caller.peer, answer.sdp);
  await connected.promise;
  await idOf(await server.publish());
  assertEquals(server.reached(), { "connecting-per-address": 1 });
});

peerTest(
  "A session has so many watchers, and an address watches so often",
  async () => {
    const limits: Partial<RequestLimits> = {
      watchers: 2,
      watchersPerAddress: 1,
    };
    await using server = await setUp({ limits });
    const id = await idOf(await server.publish());
    const first = await server.watch(id, "192.0.2.1");
    assertEquals(first.status, 201);
    await assertRefused(
      await server.watch(id, "192.0.2.1"),
      429,
      "Your address has all the watchers that it may have (1)",
    );
    assertEquals((await server.watch(id, "192.0.2.2")).status, 201);
    await assertRefused(
      await server.watch(id, "192.0.2.3"),
      503,
      "The session has all the watchers that it takes (2)",
    );
    await server.request("DELETE", first.headers.get("location")!);
    assertEquals((await server.watch(id, "192.0.2.1")).status, 201);

    // With a session its watchers end.
    const gone = Promise.withResolvers<void>();
    let closed = 0;
    using _ = server.host.subscribe({
      onWatcherClosed: () => ++closed === 2 && gone.resolve(),
    });
    await server.request("DELETE", `/sessions/${id}`);
    await gone.promise;
    const next = await idOf(await server.publish());
    assertEquals((await server.watch(next, "192.0.2.1")).status, 201);
    assertEquals(server.reached(), {
      "watchers": 1,
      "watchers-per-address": 1,
    });
  },
);

peerTest(
  "An address may make so many offers a second, of any kind",
  async () => {
    await using server = await setUp({ limits: { offersPerSecond: 0.5 } });
    for (const path of ["/offer", "/whip", "/whep/nobody"]) {
      const response = await server.request("POST", path);
      assertEquals([400, 404, 415].includes(response.status), true);
    }
    const refused = await server.publish();
    assertEquals(Number(refused.headers.get("retry-after")) <= 2, true);
    await assertRefused(
      refused,
      429,
      "More than 0.5 offers a second came from your address",
    );
    await idOf(await server.publish({ remote: "192.0.2.1" }));
    assertEquals((await server.request("GET", "/sessions")).status, 200);
    assertEquals(server.reached(), { "offers-per-second": 1 });
  },
);

peerTest(
  "Behind a proxy that is trusted, its clients are counted",
  async () => {
    const limits = { sessionsPerAddress: 1 };
    await using server = await setUp({ limits, trustProxy: "x-forwarded-for" });
    await idOf(await server.publish({ forwardedFor: "192.0.2.1" }));
    const made = { forwardedFor: "198.51.100.1, 192.0.2.1" };
    assertEquals((await server.publish(made)).status, 429);
    await idOf(await server.publish({ forwardedFor: "192.0.2.2" }));

    await using plain = await setUp({ limits });
    await idOf(await plain.publish({ forwardedFor: "192.0.2.1" }));
    assertEquals(
      (await plain.publish({ forwardedFor: "192.0.2.2" })).status,
      429,
    );
  },
);

peerTest(
  "An address has so many event streams, until it hangs up",
  async () => {
    await using server = await setUp({ limits: { eventStreamsPerAddress: 1 } });
    const open = () => server.request("GET", "/events");
    const first = await open();
    assertEquals(first.status, 200);
    await assertRefused(
      await open(),
      429,
      "Your address has all the event streams that it may have (1)",
    );
    assertEquals((await server.request("HEAD", "/events")).status, 200);
    await first.body!.cancel();
    const second = await open();
    assertEquals(second.status, 200);
    await second.body!.cancel();
    assertEquals(server.reached(), { "event-streams-per-address": 1 });
  },
);

peerTest("A body and an SDP that are too large are counted", async () => {
  await using server = await setUp({});
  const post = async (body: string) =>
    (await server.request("POST", "/offer", { body, headers: JSON_BODY }))
      .status;
  const sdp = (line: string, count: number) =>
    JSON.stringify({
      type: "offer",
      sdp: ["v=0", "m=audio", ...Array(count).fill(line)].join("\n"),
    });
  assertEquals(await post("x".repeat(256 * 1024 + 1)), 413);
  assertEquals(await post(sdp("m=audio", 64)), 400);
  assertEquals(await post(sdp("a=candidate:", 257)), 400);
  assertEquals(await post(sdp("a=b", 8191)), 400);
  assertEquals(server.reached(), {
    "body-bytes": 1,
    "sdp-sections": 1,
    "sdp-candidates": 1,
    "sdp-lines": 1,
  });
  assertEquals(
    Object.keys(server.counters.snapshot()),
    Object.keys(new LimitCounters().snapshot()),
  );
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { HttpProblem } from "../../lib/serving/problem.ts";
import {
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../transport/pair.ts";
import { assertProblem, startHandler } from "./support.ts";

const SDP = { "content-type": "application/sdp" };

/** Makes a peer with one points channel. */
async function makePointsPeer() {
  const made = await makePeer();
  const options = { protocol: "pointwire.v1" };
  const channel = made.peer.createDataChannel("points", options);
  return { ...made, channel };
}

peerTest(
  "WHIP publishes: 201, Location, entity tag; DELETE ends it",
  async () => {
    await using made = await makePointsPeer();
    await using server = await startHandler();
    const { host, request } = server;
    const offer = await offerOf(made.peer);
    const response = await request("POST", "/whip", {
      body: offer,
      headers: { "content-type": "Application/SDP; charset=utf-8" },
    });
    assertEquals(response.status, 201);
    const { headers } = response;
    assertEquals(headers.get("content-type"), "application/sdp");
    const [session] = await host.sessions();
    assertEquals(headers.get("location"), `/whip/${session.id}`);
    assertMatch(headers.get("etag")!, /^"[^"]+"$/);
    assertEquals(headers.get("accept-patch"), null);

    await connectTo(made.peer, await response.text());
    await whenState(made.channel, "open");
    assertEquals((await host.session(session.id)).state, "connected");
    const path = headers.get("location")!;
    assertEquals((await request("DELETE", path)).status, 200);
    assertEquals(await host.sessions(), []);
    const id = session.id;
    const gone = await request("DELETE", path);
    await assertProblem(gone, 404, `There is no session ${id}`);
  },
);

peerTest(
  "WHEP watches: 201, Location, entity tag; DELETE ends it",
  async () => {
    await using publisher = await makePointsPeer();
    await using watching = await makePointsPeer();
    await using server = await startHandler();
    const { host, request } = server;
    const published = await request("POST", "/whip", {
      body: await offerOf(publisher.peer),
      headers: SDP,
    });
    await connectTo(publisher.peer, await published.text());
    const [session] = await host.sessions();

    const response = await request("POST", `/whep/${session.id}`, {
      body: await offerOf(watching.peer),
      headers: SDP,
    });
    assertEquals(response.status, 201);
    const location = response.headers.get("location")!;
    assert(location.startsWith(`/whep/${session.id}/`));
    assertMatch(response.headers.get("etag")!, /^"[^"]+"$/);
    const hello = new Promise<string>((resolve) =>
      watching.channel.onMessage.subscribe((text) => resolve(String(text)))
    );
    await connectTo(watching.peer, await response.text());
    assertEquals(JSON.parse(await hello).type, "hello");
    assertEquals((await host.session(session.id)).watchers, 1);

    await assertProblem(
      await request("DELETE", "/whep/nobody/x"),
      404,
      "There is no session nobody",
    );
    await assertProblem(
      await request("DELETE", `/whep/${session.id}/x`),
      404,
      `Session ${session.id} has no watcher x`,
    );
    assertEquals((await request("DELETE", location)).status, 200);
    assertEquals((await request("DELETE", location)).status, 404);
    assertEquals((await host.session(session.id)).watchers, 0);
    assertEquals((await host.session(session.id)).state, "connected");
  },
);

peerTest("WHIP and WHEP refuse what they don't take, and say why", async () => {
  await using publisher = await makePointsPeer();
  await using server = await startHandler();
  const { host, request } = server;
  const offer = await offerOf(publisher.peer);
  const published = await request("POST", "/whip", {
    body: offer,
    headers: SDP,
  });
  await published.body?.cancel();
  const [{ id }] = await host.sessions();

  for (const path of ["/whip", `/whep/${id}`]) {
    for (const type of ["application/json", "", "text/plain;charset=UTF-8"]) {
      const response = await request("POST", path, {
        body: new TextEncoder().encode(offer),
        headers: type === "" ? {} : { "content-type": type },
      });
      assertEquals(response.headers.get("accept-post"), "application/sdp");
      const what = type === "" ? "missing" : `"${type}"`;
      const detail = `The content type is ${what}, not "application/sdp"`;
      await assertProblem(response, 415, detail);
    }
    const bodies: [body: string, status: number, detail: string][] = [
      ["", 400, "The SDP is empty"],
      ["nonsense", 400, 'The SDP does not begin with "v=0"'],
      ["v=0\r\n", 400, "The SDP has no media section (m=)"],
      [offer.replaceAll("a=ice-pwd", "a=x"), 400, "The SDP has no a=ice-pwd"],
      [
        "v=0".padEnd(256 * 1024 + 1),
        413,
        "The body is larger than 262144 bytes",
      ],
    ];
    for (const [body, status, detail] of bodies) {
      const response = await request("POST", path, { body, headers: SDP });
      await assertProblem(response, status, detail);
    }
    // It looks like an offer, and can't be answered.
    const body = offer.replace("m=application 9", "m=application x");
    const response = await request("POST", path, { body, headers: SDP });
    assertEquals(response.status, 400);
    assertMatch(
      (await response.json()).detail,
      /^The offer can't be answered:/,
    );

    const options = await request("OPTIONS", path);
    assertEquals(options.status, 204);
    assertEquals(options.headers.get("accept-post"), "application/sdp");
  }
  const cases: [method: string, path: string, allow: string][] = [
    ...["GET", "HEAD", "PUT", "PATCH", "DELETE"].flatMap((method) =>
      ["/whip", `/whep/${id}`].map((path): [string, string, string] => [
        method,
        path,
        "OPTIONS, POST",
      ])
    ),
    // What a name may be, and what a Location is.
    ...["GET", "HEAD", "PUT", "PATCH"].flatMap((method) =>
      [`/whip/${id}`, `/whep/${id}/x`].map((
        path,
      ): [string, string, string] => [method, path, "OPTIONS, POST, DELETE"])
    ),
  ];
  for (const [method, path, allow] of cases) {
    const response = await request(method, path);
    assertEquals(response.headers.get("allow"), allow);
    const detail = `${method} is not allowed for ${path}; ${allow} is`;
    await assertProblem(response, 405, detail);
  }
  const nobody = await request("POST", "/whep/nobody", {
    body: offer,
    headers: SDP,
  });
  await assertProblem(nobody, 404, "There is no session nobody");
  assertEquals((await host.sessions()).length, 1);
});

peerTest("Every way in asks the same check who may come in", async () => {
  const asked: string[] = [];
  await using server = await startHandler({
    authorize(request, right) {
      asked.push(right);
      if (request.headers.get("authorization") === `Bearer ${right}`) return;
      throw new HttpProblem(401, "No", {
        headers: { "www-authenticate": "Bearer" },
      });
    },
  });
  await using made = await makePointsPeer();
  const offer = await offerOf(made.peer);
  const body = JSON.stringify({ type: "offer", sdp: offer });
  const calls = [
    ["POST", "/offer", "publish"],
    ["POST", "/whip", "publish"],
    ["DELETE", "/whip/x", "publish"],
    ["POST", "/whep/x", "watch"],
    ["DELETE", "/whep/x/y", "watch"],
    ["GET", "/events", "watch"],
    ["HEAD", "/events", "watch"],
    ["GET", "/recordings", "watch"],
    ["HEAD", "/recordings/x.mcap", "watch"],
    ["GET", "/sessions", "watch"],
    ["GET", "/sessions/x", "watch"],
    ["DELETE", "/sessions/x", "operate"],
  ];
  for (const [method, path, right] of calls) {
    const post = method === "POST" ? { body } : {};
    const response = await server.request(method, path, post);
    assertEquals(response.headers.get("www-authenticate"), "Bearer");
    await assertProblem(response, 401, "No");
    assertEquals(asked.pop(), right, path);
  }
  const open = await server.request("GET", "/healthz");
  assertEquals([open.status, asked], [200, []]);
  await open.body?.cancel();
  const welcome = await server.request("POST", "/whip", {
    body: offer,
    headers: { ...SDP, authorization: "Bearer publish" },
  });
  assertEquals(welcome.status, 201);
  await welcome.body?.cancel();
});

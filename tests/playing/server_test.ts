/** What a watcher asks a server for, against servers that answer oddly. */
import { assertEquals, assertRejects } from "@std/assert";
import { NoSessionError } from "../../lib/playing/errors.ts";
import { WatchedServer } from "../../lib/playing/server.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { testWith } from "../support.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const { signal } = new AbortController();

interface TestServer extends AsyncDisposable {
  url: string;
  /** Method, path, content type and authorization of each request. */
  requests: (string | null)[][];
}

/** A server on a free port of loopback that answers all requests alike. */
function serve(respond: () => Response): TestServer {
  const requests: TestServer["requests"] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const http = Deno.serve(options, (request) => {
    const { method, url, headers } = request;
    requests.push([
      method,
      url.slice(url.indexOf("/", "http://".length)),
      headers.get("content-type"),
      headers.get("authorization"),
    ]);
    return respond();
  });
  return {
    url: `http://127.0.0.1:${http.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}

const made = (fields: Record<string, string> = {}) => () =>
  new Response("v=0 answer", { status: 201, headers: fields });

testWith(
  [],
  "an offer goes to the session, below the server's path",
  async () => {
    await using http = serve(made({ location: "/p/whep/s/w" }));
    const server = new WatchedServer(`${http.url}/p?x=1#y`, {
      token: "secret",
    });
    const answer = await server.offer("s", "v=0 offer", signal);
    assertEquals(answer.sdp, "v=0 answer");
    assertEquals(answer.location?.href, `${http.url}/p/whep/s/w`);
    await server.hangUp(answer.location!);
    assertEquals(http.requests, [
      ["POST", "/p/whep/s", "application/sdp", "Bearer secret"],
      ["DELETE", "/p/whep/s/w", null, "Bearer secret"],
    ]);
  },
);

testWith(
  [],
  "an answer without a Location leaves nothing to hang up",
  async () => {
    await using http = serve(made());
    const server = new WatchedServer(http.url, {});
    const { location } = await server.offer("s", "v=0 offer", signal);
    assertEquals(location, undefined);
  },
);

testWith(
  [],
  "no other server is told that it is over, nor gets the token",
  async () => {
    await using other = serve(made());
    const elsewhere = [
      `${other.url}/whep/s/w`,
      "http://[",
      "file:///etc/hostname",
      "data:text/plain,x",
    ];
    for (const location of elsewhere) {
      await using http = serve(made({ location }));
      const server = new WatchedServer(http.url, { token: "secret" });
      const answer = await server.offer("s", "v=0 offer", signal);
      assertEquals(answer.location, undefined, location);
    }
    assertEquals(other.requests, []);
    // One that the offer was sent on to is told, and without it.
    await using second = serve(made({ location: "/s/w" }));
    await using first = serve(() => Response.redirect(`${second.url}/s`, 307));
    const server = new WatchedServer(first.url, { token: "secret" });
    const { location } = await server.offer("s", "v=0 offer", signal);
    await server.hangUp(location!);
    assertEquals(second.requests, [
      ["POST", "/s", "application/sdp", null],
      ["DELETE", "/s/w", null, null],
    ]);
  },
);

testWith(
  [],
  "a refusal has its status, and 404 an error of its own",
  async () => {
    for (const status of [200, 204, 400, 401, 404, 503]) {
      const body = status === 204 ? null : JSON.stringify({ detail: "why" });
      await using http = serve(() => new Response(body, { status }));
      const server = new WatchedServer(http.url, {});
      const said = `${http.url}/whep/s answered ${status}`;
      const error = await assertRejects(
        () => server.offer("s", "v=0 offer", signal),
        Error,
        status === 204 ? said : `${said}: why`,
      );
      const refusal = status === 404 ? error.cause : error;
      assertEquals(error instanceof NoSessionError, status === 404);
      assertEquals((refusal as SignalingError).status, status);
    }
  },
);

testWith([], "the newest live session is found, or none", async () => {
  const session = (id: string, second: number, state = "connected") => ({
    ...{ id, state, resumes: null, more: 1 },
    createdAt: new Date(second * 1000).toISOString(),
  });
  const cases: [unknown[], string | undefined][] = [
    [[], undefined],
    [[session("a", 1, "connecting")], undefined],
    [[session("a", 1), session("b", 3), session("c", 2)], "b"],
    [[session("a", 1), session("b", 3, "connecting")], "a"],
  ];
  for (const [sessions, due] of cases) {
    await using http = serve(() => Response.json(sessions));
    const found = new WatchedServer(http.url, {}).newestSession(signal);
    if (due !== undefined) assertEquals(await found, due);
    else await assertRejects(() => found, NoSessionError, "is live on http");
  }
});

testWith([], "what is no list of sessions is named", async () => {
  const odd = ["", "two words", "a\x1b[2J", "\ud800", "x".repeat(201)];
  const lists = odd.map((id) =>
    JSON.stringify([{ id, state: "connected", createdAt: "" }])
  );
  const texts = ["<html>", "", "null", "{}", "[null]", '[{"id":1}]'];
  for (const body of [...texts, ...lists]) {
    await using http = serve(() => new Response(body));
    await assertRejects(
      () => new WatchedServer(http.url, {}).newestSession(signal),
      SignalingError,
      `${http.url}/sessions answered 200, but not with sessions`,
    );
  }
});

testWith([], "a list of sessions without end is left", async () => {
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  await using http = serve(() =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(piece) }),
    )
  );
  await assertRejects(
    () => new WatchedServer(http.url, {}).newestSession(signal),
    SignalingError,
    `${http.url}/sessions answered 200 with more than 8192 KiB`,
  );
});

testWith([], "hangUp() minds no server that is gone", async () => {
  const http = serve(made());
  await http[Symbol.asyncDispose]();
  const server = new WatchedServer(http.url, {});
  await server.hangUp(new URL(`${http.url}/whep/s/w`));
  assertEquals(http.requests, []);
});

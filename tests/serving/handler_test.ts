import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  HostError,
  type HostErrorCode,
  noSession,
} from "../../lib/hosting/host_error.ts";
import type {
  Answered,
  PublishRequest,
  SessionHost,
} from "../../lib/hosting/session_host.ts";
import { createLogger, type LogLevel } from "../../lib/log.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { createHandler } from "../../lib/serving/handler.ts";
import { JSON_BODY, testWith } from "../support.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { assertProblem, exchange, startHandler } from "./support.ts";

const OFFER_SDP = [
  "v=0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuv",
  `a=fingerprint:sha-256 ${Array(32).fill("0F").join(":")}`,
].join("\r\n");

const OFFER = JSON.stringify({ type: "offer", sdp: OFFER_SDP });

/** A session as far as the handler looks at it. */
function fakeSession(id: string): SessionSnapshot {
  return { id, state: "connected" } as SessionSnapshot;
}

interface LogLine {
  level: LogLevel;
  message: string;
  [field: string]: unknown;
}

/**
 * A handler before a host that makes no connections.
 *
 * @param stepMs what passes each time that the handler asks for the time: no
 * log line is left out.
 */
function setUp(sessions: SessionSnapshot[] = [], stepMs = 1000) {
  const offered: PublishRequest[] = [];
  const ended: [id: string, reason: string, code: string][] = [];
  const find = (id: string) => {
    const session = sessions.find((session) => session.id === id);
    if (session !== undefined) return session;
    throw noSession(id);
  };
  const host = {
    publish: (request: PublishRequest): Promise<Answered> => {
      offered.push(request);
      return Promise.resolve({ id: "made", sdp: "answer of made" });
    },
    sessions: () => Promise.resolve(sessions),
    subscribe: () => ({ [Symbol.dispose]: () => {} }),
    // deno-lint-ignore require-await -- it rejects where it finds none
    session: async (id: string) => find(id),
    // deno-lint-ignore require-await -- the same
    endSession: async (...how: typeof ended[number]) => {
      find(how[0]);
      ended.push(how);
    },
  };
  const lines: LogLine[] = [];
  let now = 0;
  const handler = createHandler({
    host: host as unknown as SessionHost,
    signal: new AbortController().signal,
    now: () => now += stepMs,
    log: createLogger({
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    }),
  });
  const request = async (
    method: string,
    path: string,
    options: { body?: BodyInit; remote?: string } = {},
  ) => {
    const { body, remote = "192.0.2.1" } = options;
    const url = `http://localhost:8080${path}`;
    const headers = method === "POST" ? JSON_BODY : undefined;
    return await handler(new Request(url, { method, body, headers }), {
      remoteAddr: { transport: "tcp", hostname: remote, port: 5 },
      completed: Promise.resolve(),
    });
  };
  return { host, offered, ended, lines, handler, request };
}

Deno.test("GET /healthz says that the server lives", async () => {
  const response = await setUp().request("GET", "/healthz");
  assertEquals(response.status, 200);
  assertEquals(await response.json(), { status: "ok" });
});

Deno.test("GET /readyz says whether new sessions are taken", async () => {
  const { host } = setUp();
  const now: { why?: string } = {};
  const lines: string[] = [];
  const handler = createHandler({
    host: host as unknown as SessionHost,
    signal: new AbortController().signal,
    log: createLogger({ write: (line) => lines.push(line) }),
    refusal: () => now.why,
  });
  const ask = async () =>
    await handler(new Request("http://localhost:8080/readyz"), {
      remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 5 },
      completed: Promise.resolve(),
    });
  assertEquals(await (await ask()).json(), { status: "ready" });
  now.why = "the server stops";
  const response = await ask();
  assert(Number(response.headers.get("retry-after")) > 0);
  await assertProblem(response, 503, "No new sessions: the server stops");
  // A load balancer asks every few seconds.
  assertEquals(lines, []);
});

Deno.test("onAnswered is called for each answer, with the pattern of its path", async () => {
  const { host } = setUp([fakeSession("a")]);
  const answered: unknown[] = [];
  const handler = createHandler({
    host: host as unknown as SessionHost,
    signal: new AbortController().signal,
    log: createLogger({ write: () => {} }),
    onAnswered: (request) => answered.push(request),
  });
  for (
    const [method, path] of [
      ["GET", "/sessions/a"],
      ["GET", "/sessions/b"],
      ["PUT", "/offer"],
      ["GET", "/nothing"],
    ]
  ) {
    const response = await handler(
      new Request(`http://localhost:8080${path}`, { method }),
      {
        remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 5 },
        completed: Promise.resolve(),
      },
    );
    await response.body?.cancel();
  }
  assertEquals(answered, [
    { method: "GET", route: "/sessions/:id", status: 200 },
    { method: "GET", route: "/sessions/:id", status: 404 },
    { method: "PUT", route: "/offer", status: 405 },
    { method: "GET", route: undefined, status: 404 },
  ]);
});

Deno.test("HEAD is answered as GET is", async () => {
  const { request } = setUp([fakeSession("a")]);
  for (const path of ["/healthz", "/sessions", "/sessions/a"]) {
    const response = await request("HEAD", path);
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
});

Deno.test("GET /sessions lists the sessions", async () => {
  const { request } = setUp([fakeSession("a"), fakeSession("b")]);
  const response = await request("GET", "/sessions");
  assertEquals(await response.json(), [
    { id: "a", state: "connected" },
    { id: "b", state: "connected" },
  ]);
  assertEquals(await (await setUp().request("GET", "/sessions")).json(), []);
});

Deno.test("GET /sessions/ID gives one session", async () => {
  const { request } = setUp([fakeSession("a"), fakeSession("b_-9")]);
  const response = await request("GET", "/sessions/b_-9");
  assertEquals(await response.json(), { id: "b_-9", state: "connected" });
});

Deno.test("DELETE /sessions/ID closes just that session", async () => {
  const { request, ended } = setUp([fakeSession("a"), fakeSession("b")]);
  const response = await request("DELETE", "/sessions/b");
  assertEquals(response.status, 204);
  assertEquals(await response.text(), "");
  assertEquals(ended, [["b", "the session was deleted", "deleted"]]);
});

Deno.test("A session that isn't there is a 404", async () => {
  const { request } = setUp([fakeSession("a")]);
  for (const method of ["GET", "DELETE"]) {
    for (const id of ["b", "A", "aa", "a/b", "a%", "__proto__"]) {
      const response = await request(method, `/sessions/${id}`);
      await assertProblem(response, 404, `There is no session ${id}`);
    }
  }
  // The same URL, spelled otherwise (RFC 3986 section 6.2.2.2).
  assertEquals((await request("GET", "/sessions/%61")).status, 200);
});

Deno.test("A path where nothing is, is a 404", async () => {
  const { request } = setUp([fakeSession("a")]);
  const paths = ["/", "/offers", "/offer/", "/sessions/", "/whep/", "/whip/"];
  for (const path of paths) {
    const response = await request("GET", path);
    await assertProblem(response, 404, `There is nothing at ${path}`);
  }
});

Deno.test("A method that isn't allowed is a 405 that names those that are", async () => {
  const { request, offered } = setUp([fakeSession("a")]);
  const cases: [method: string, path: string, allow: string][] = [
    ["GET", "/offer", "POST"],
    ["HEAD", "/offer", "POST"],
    ["PUT", "/offer", "POST"],
    ["POST", "/healthz", "GET"],
    ["DELETE", "/sessions", "GET"],
    ["POST", "/sessions/a", "GET, DELETE"],
  ];
  for (const [method, path, allow] of cases) {
    const response = await request(method, path);
    assertEquals(response.headers.get("allow"), allow);
    const detail = `${method} is not allowed for ${path}; ${allow} is`;
    await assertProblem(response, 405, detail);
  }
  assertEquals(offered, []);
});

Deno.test("POST /offer answers with the session's SDP and id", async () => {
  const { request, offered } = setUp();
  const response = await request("POST", "/offer", { body: OFFER });
  assertEquals(response.status, 200);
  assertEquals(await response.json(), {
    sdp: "answer of made",
    type: "answer",
    session: "made",
  });
  const [{ offer, remote, ...rest }, ...others] = offered;
  assertEquals([offer, remote], [OFFER_SDP, "192.0.2.1"]);
  assertEquals(Object.values(rest).filter((asked) => asked), []);
  assertEquals(others, []);
});

Deno.test("POST /offer hands on the caller's address, and what it asks for", async () => {
  const { request, offered } = setUp();
  const asked = { resumes: "before", name: "robot-7", machine: "pi" };
  const body = JSON.stringify({ ...JSON.parse(OFFER), ...asked });
  const remote = "::1";
  const response = await request("POST", "/offer", { body, remote });
  assertEquals(response.status, 200);
  assertEquals(offered, [{ offer: OFFER_SDP, remote, ...asked }]);
});

Deno.test("What a host refuses is answered with a status that fits", async () => {
  const { host, request, lines } = setUp();
  const cases: [code: HostErrorCode, status: number][] = [
    ["no-session", 404],
    ["no-watcher", 404],
    ["deleted", 410],
    ["unanswerable", 400],
    ["unusable", 422],
    ["draining", 503],
    ["closed", 503],
    ["no-worker", 503],
  ];
  for (const [code, status] of cases) {
    host.publish = () => Promise.reject(new HostError(code, `It is ${code}`));
    const response = await request("POST", "/offer", { body: OFFER });
    const busy = response.headers.has("retry-after");
    assertEquals(busy, status === 503);
    await assertProblem(response, status, `It is ${code}`);
    const { level, status: logged } = lines.at(-1)!;
    assertEquals([level, logged], ["warn", status]);
  }
});

Deno.test("POST /offer names each mistake before a session is made", async () => {
  const { request, offered, lines } = setUp();
  const cases: [body: string | undefined, detail: string][] = [
    [undefined, "The body is not JSON"],
    ["nonsense", "The body is not JSON"],
    ["[]", "The body is not a JSON object with sdp and type"],
    ["{}", "sdp is missing, not text"],
    ['{"sdp":"v=0"}', 'type is missing, not "offer"'],
    ['{"sdp":"","type":"offer"}', "The SDP is empty"],
    [OFFER.replace("a=ice-pwd", "a=x"), "The SDP has no a=ice-pwd"],
  ];
  for (const [body, detail] of cases) {
    const response = await request("POST", "/offer", { body });
    await assertProblem(response, 400, detail);
    const { level, message, error, ...line } = lines.at(-1)!;
    assertEquals([level, message, error], ["warn", "request refused", detail]);
    assertEquals(line.path, "/offer");
    assertEquals(line.status, 400);
    assertEquals(line.remote, "192.0.2.1");
  }
  assertEquals(lines.length, cases.length);
  assertEquals(offered, []);
});

Deno.test("POST /offer refuses a body that is too large", async () => {
  const { request, offered } = setUp();
  const body = OFFER.padEnd(256 * 1024 + 1);
  const response = await request("POST", "/offer", { body });
  const detail = "The body is larger than 262144 bytes";
  await assertProblem(response, 413, detail);
  assertEquals(offered, []);
});

Deno.test("A failure of the server is a 500 that shows nothing of it", async () => {
  const { host, request, lines } = setUp();
  host.sessions = () => {
    throw new Error("secret");
  };
  const response = await request("GET", "/sessions");
  const detail = "The server failed to answer; its log says why";
  await assertProblem(response, 500, detail);
  assertEquals([lines[0].level, lines[0].error], ["error", "secret"]);
});

Deno.test("A flood of one refusal fills no log, and hides no other", async () => {
  const { host, request, lines } = setUp([], 0);
  host.sessions = () => {
    throw new Error("secret");
  };
  for (let i = 0; i < 100; i++) {
    await (await request("GET", `/${"x".repeat(4000)}`)).body?.cancel();
    await (await request("PUT", "/offer")).body?.cancel();
    await (await request("GET", "/sessions")).body?.cancel();
  }
  const counts = Object.groupBy(lines, ({ status }) => `${status}`);
  assertEquals(
    Object.entries(counts).map(([status, all]) => [status, all!.length]),
    [["404", 5], ["405", 5], ["500", 5]],
  );
  assert(lines.every((line) => JSON.stringify(line).length < 1_000));
});

Deno.test("An answer repeats no more than 200 characters of a request", async () => {
  const { request } = setUp();
  const long = "x".repeat(3000);
  const cut = `${"x".repeat(200)}… (3000 characters)`;
  const path = `/${"x".repeat(199)}… (3001 characters)`;
  const post = (body: unknown) =>
    request("POST", "/offer", { body: JSON.stringify(body) });
  const cases: [answer: Promise<Response>, status: number, detail: string][] = [
    [request("GET", `/${long}`), 404, `There is nothing at ${path}`],
    [
      request(long, "/offer"),
      405,
      `${cut} is not allowed for /offer; POST is`,
    ],
    [request("GET", `/sessions/${long}`), 404, `There is no session ${cut}`],
    [
      post({ type: long, sdp: "v=0" }),
      400,
      `type is "${cut}", not "offer"`,
    ],
    [
      post({ ...JSON.parse(OFFER), resumes: long }),
      400,
      "resumes has 3000 characters, more than a session's id",
    ],
  ];
  for (const [answer, status, detail] of cases) {
    await assertProblem(await answer, status, detail);
  }
});

testWith([], "A request that no URL can be made of is a 400", async () => {
  const { handler } = setUp();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, handler);
  for (const host of ["[", "a b", "a:b"]) {
    const response = await exchange(
      server.addr.port,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    assert(response.startsWith("HTTP/1.1 400 "), response);
    assertStringIncludes(response, "The URL can't be read");
  }
});

peerTest("A session is made by POST /offer, and ended by DELETE", async () => {
  await using made = await makePeer();
  made.peer.createDataChannel("data");
  const offer = { type: "offer", sdp: await offerOf(made.peer) };
  await using server = await startHandler();
  const { request } = server;
  const body = JSON.stringify(offer);
  const headers = JSON_BODY;
  const response = await request("POST", "/offer", { body, headers });
  assertEquals(response.status, 200);
  const { sdp, type, session } = await response.json();
  assertEquals(type, "answer");
  assertStringIncludes(sdp, "\r\na=max-message-size:");
  assertStringIncludes(sdp, " 127.0.0.1 ");

  const path = `/sessions/${session}`;
  const snapshot = await (await request("GET", path)).json();
  assertEquals([snapshot.id, snapshot.state], [session, "connecting"]);
  assertEquals((await request("DELETE", path)).status, 204);
  assertEquals((await request("DELETE", path)).status, 404);
  assertEquals(await (await request("GET", "/sessions")).json(), []);
});

peerTest(
  "What passes for an SDP, but can't be answered, is a 400",
  async () => {
    await using server = await startHandler();
    const sdps = [
      OFFER_SDP,
      OFFER_SDP.replace("m=application 9", "m=application x"),
      OFFER_SDP + "\r\na=sctp-port:0",
      OFFER_SDP + "\r\na=candidate:1 1 udp",
    ];
    for (const sdp of sdps) {
      const body = JSON.stringify({ type: "offer", sdp });
      const response = await server.request("POST", "/offer", {
        body,
        headers: JSON_BODY,
      });
      assertEquals(response.status, 400, sdp);
      const { detail } = await response.json();
      assertStringIncludes(detail, "The offer can't be answered: ");
      assertEquals(/\.m?js|node_modules| at /.test(detail), false, detail);
      assertEquals(await server.host.sessions(), []);
    }
  },
);

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type { Clock } from "../../lib/clock.ts";
import { offerUrl, postOffer } from "../../lib/publishing/post_offer.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { testWith } from "../support.ts";
import { freePort } from "../free_port.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const ANSWER = { sdp: "v=0 answer", type: "answer", session: "s1" };

interface TestServer extends AsyncDisposable {
  url: string;
  /** Requests that came. */
  count: number;
}

/** A server on a free port of loopback; the last response is repeated. */
function serve(
  ...respond: ((request: Request) => Response | Promise<Response>)[]
): TestServer {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const http = Deno.serve(options, (request) => {
    const next = respond[Math.min(server.count++, respond.length - 1)];
    return next(request);
  });
  const server: TestServer = {
    url: `http://127.0.0.1:${http.addr.port}/offer`,
    count: 0,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
  return server;
}

const json = (value: unknown, status = 200) => () =>
  Response.json(value, { status });

testWith([], "postOffer() posts JSON and gives the answer", async () => {
  let posted: unknown;
  let type: string | null = null;
  await using server = serve(async (request) => {
    assertEquals(request.method, "POST");
    type = request.headers.get("content-type");
    posted = await request.json();
    return Response.json(ANSWER);
  });
  const answer = await postOffer(server.url, "v=0 offer");
  assertEquals(answer, { sdp: "v=0 answer", session: "s1" });
  assertEquals(posted, { sdp: "v=0 offer", type: "offer" });
  assertEquals(type, "application/json");
});

testWith([], "postOffer() gives the nodes that an answer names", async () => {
  const nodes = ["http://b:8080", "no URL", 7];
  await using server = serve(json({ ...ANSWER, nodes }));
  const answer = await postOffer(server.url, "v=0 offer");
  assertEquals(answer.nodes, ["http://b:8080"]);
});

testWith(
  [],
  "postOffer() names the session that the new one resumes",
  async () => {
    let posted: unknown;
    await using server = serve(async (request) => {
      posted = await request.json();
      return Response.json(ANSWER);
    });
    await postOffer(server.url, "v=0 offer", { resumes: "before" });
    assertEquals(posted, {
      sdp: "v=0 offer",
      type: "offer",
      resumes: "before",
    });
  },
);

testWith(
  [],
  "postOffer() waits for an answer no longer than it is told",
  async () => {
    const answer = Promise.withResolvers<Response>();
    await using server = serve(() => answer.promise);
    await assertRejects(
      () => postOffer(server.url, "", { tries: 1, timeoutMs: 50 }),
      SignalingError,
      `${server.url} did not answer within 0.05 s`,
    );
    answer.resolve(new Response());
  },
);

testWith(
  [],
  "postOffer() shows a token, and says what to do at a no",
  async () => {
    const shown: (string | null)[] = [];
    await using server = serve((request) => {
      shown.push(request.headers.get("authorization"));
      const status = shown.length === 2 ? 403 : 401;
      return Response.json({ detail: "Not you" }, { status });
    });
    for (
      const [token, status, advice] of [
        [undefined, 401, "give one"],
        ["robot", 403, "give another"],
      ] as const
    ) {
      const error = await assertRejects(
        () => postOffer(server.url, "", { token }),
        SignalingError,
      );
      assertEquals(error.status, status);
      assertEquals(
        error.message,
        `${server.url} answered ${status}: Not you; ` +
          `${advice} with --token or POINTWIRE_TOKEN`,
      );
    }
    assertEquals(shown, [null, "Bearer robot"]);
  },
);

testWith([], "postOffer() keeps no connection for the next time", async () => {
  const ports = new Set<number>();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using http = Deno.serve(options, (_, { remoteAddr }) => {
    ports.add(remoteAddr.port);
    return Response.json(ANSWER);
  });
  const url = `http://127.0.0.1:${http.addr.port}/offer`;
  for (let i = 0; i < 3; i++) await postOffer(url, "");
  assertEquals(ports.size, 3);
});

testWith([], "postOffer() takes an answer that names no session", async () => {
  const odd = ["", "two words", "a\x1b[2J", "ä", "x".repeat(201)];
  const sessions = [undefined, null, 5, { id: 1 }, ...odd];
  for (const session of sessions) {
    await using server = serve(json({ ...ANSWER, session }));
    assertEquals(await postOffer(server.url, ""), { sdp: "v=0 answer" });
  }
});

testWith([], "postOffer() shows the detail of a problem document", async () => {
  await using server = serve(json({ detail: "The SDP is empty" }, 400));
  const error = await assertRejects(
    () => postOffer(server.url, ""),
    SignalingError,
  );
  assertEquals(error.message, `${server.url} answered 400: The SDP is empty`);
  assertEquals(error.status, 400);
  assertEquals(server.count, 1);
});

testWith([], "postOffer() shows the start of any other answer", async () => {
  const cases: [body: string, shown: string][] = [
    ["Not here\nat all", ": Not here"],
    ["", ""],
    [" \n ", ""],
    ["x".repeat(1000), `: ${"x".repeat(199)}…`],
    ['{"detail": 5}', ': {"detail": 5}'],
    ["null", ": null"],
  ];
  for (const [body, shown] of cases) {
    for (const status of [201, 404, 500]) {
      await using server = serve(() => new Response(body, { status }));
      const error = await assertRejects(
        () => postOffer(server.url, ""),
        SignalingError,
      );
      assertEquals(error.message, `${server.url} answered ${status}${shown}`);
      assertEquals(server.count, 1);
    }
  }
});

testWith([], "postOffer() names an answer that is none", async () => {
  const bodies = [
    "<html>",
    "",
    "null",
    "[]",
    "{}",
    JSON.stringify({ ...ANSWER, type: "offer" }),
    JSON.stringify({ ...ANSWER, sdp: 5 }),
    JSON.stringify({ type: "answer" }),
  ];
  for (const body of bodies) {
    await using server = serve(() => new Response(body));
    const error = await assertRejects(
      () => postOffer(server.url, ""),
      SignalingError,
      "it isn't a signaling server",
    );
    assertEquals(error.message.startsWith(`${server.url} answered 200`), true);
    assertEquals(server.count, 1);
  }
});

testWith([], "postOffer() tries again where the server is busy", async () => {
  const busy = json({ detail: "busy" }, 503);
  await using server = serve(busy, busy, json(ANSWER));
  const answer = await postOffer(server.url, "", { backoffMs: 1 });
  assertEquals(answer.session, "s1");
  assertEquals(server.count, 3);
});

/** A refusal that says when to ask again. */
const refusal = (status: number, seconds: string) => () =>
  Response.json({ detail: "too many" }, {
    status,
    headers: { "retry-after": seconds },
  });

testWith([], "postOffer() waits as long as the server asks for", async () => {
  const limited = refusal(429, "1");
  await using server = serve(limited, json(ANSWER));
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: (ms) => Promise.resolve(void waits.push(ms)),
  };
  await postOffer(server.url, "", { clock });
  assertEquals(waits, [0, 1000]);
  assertEquals(server.count, 2);
});

testWith([], "postOffer() waits longer from try to try", async () => {
  await using server = serve(json({ detail: "busy" }, 503));
  const waits: number[] = [];
  const clock: Clock = {
    now: () => waits.reduce((sum, ms) => sum + ms, 0),
    sleep: (ms) => Promise.resolve(void waits.push(ms)),
  };
  const error = await assertRejects(
    () => postOffer(server.url, "", { clock, tries: 4 }),
    SignalingError,
  );
  assertEquals([error.status, error.retryAfterS], [503, 0]);
  assertEquals(waits.length, 4);
  // Each is shortened by up to a half, at random.
  for (const [i, most] of [0, 300, 600, 1200].entries()) {
    assert(waits[i] >= most / 2 && waits[i] <= most, `${waits}`);
  }
});

Deno.test("offerUrl() adds the path of offers where there is none", () => {
  for (
    const [given, url] of [
      ["http://host:8080", "http://host:8080/offer"],
      ["http://host:8080/", "http://host:8080/offer"],
      ["https://host?a=b", "https://host/offer?a=b"],
      ["http://host/offer", "http://host/offer"],
      ["http://host/behind/a/proxy", "http://host/behind/a/proxy"],
    ]
  ) assertEquals(offerUrl(given), url);
});

testWith([], "postOffer() takes a long wait for a no", async () => {
  await using server = serve(refusal(503, "10"));
  await assertRejects(
    () => postOffer(server.url, "", { backoffMs: 1 }),
    SignalingError,
    "answered 503: too many",
  );
  assertEquals(server.count, 1);
});

testWith([], "postOffer() gives up after the tries that it has", async () => {
  for (const tries of [1, 2, 4]) {
    await using server = serve(json({ detail: "busy" }, 503));
    await assertRejects(
      () => postOffer(server.url, "", { tries, backoffMs: 1 }),
      SignalingError,
      "answered 503: busy",
    );
    assertEquals(server.count, tries);
  }
});

testWith([], "postOffer() names a server that can't be reached", async () => {
  const url = `http://127.0.0.1:${freePort()}/offer`;
  const error = await assertRejects(
    () => postOffer(url, "", { backoffMs: 1 }),
    SignalingError,
  );
  assertMatch(
    error.message,
    /^Can't reach http:\/\/127\.0\.0\.1:\d+\/offer: Connection refused; is the/,
  );
  assert(error.cause instanceof Error);
});

testWith([], "postOffer() names what is wrong with a port", async () => {
  const url = "http://127.0.0.1:1/offer";
  const error = await assertRejects(
    () => postOffer(url, "", { tries: 1 }),
    SignalingError,
  );
  assertEquals(
    error.message,
    `Can't reach ${url}: Requests to port 1 are blocked; ` +
      `is the server running there?`,
  );
});

testWith([], "postOffer() names a server that hangs up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const hungUp = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(1));
    connection.close();
  });
  const url = `http://127.0.0.1:${listener.addr.port}/offer`;
  await assertRejects(
    () => postOffer(url, "", { tries: 1 }),
    SignalingError,
    `Can't reach ${url}: connection`,
  );
  await hungUp;
});

testWith([], "postOffer() tries again where the server hung up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let tries = 0;
  const hangUp = (async () => {
    while (tries < 3) {
      const connection = await listener.accept();
      tries++;
      await connection.read(new Uint8Array(1));
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/offer`;
  await assertRejects(
    () => postOffer(url, "", { backoffMs: 1 }),
    SignalingError,
  );
  await hangUp;
  assertEquals(tries, 3);
});

testWith([], "postOffer() follows a redirect", async () => {
  await using server = serve(
    () => new Response(null, { status: 307, headers: { location: "/other" } }),
    async (request) => {
      assertEquals(new URL(request.url).pathname, "/other");
      assertEquals((await request.json()).sdp, "v=0 offer");
      return Response.json(ANSWER);
    },
  );
  assertEquals((await postOffer(server.url, "v=0 offer")).session, "s1");
});

testWith([], "postOffer() rejects with the reason of an abort", async () => {
  const reason = new Error("asked to stop");

  const before = AbortSignal.abort(reason);
  const url = `http://127.0.0.1:${freePort()}/offer`;
  assertStrictEquals(
    await assertRejects(() => postOffer(url, "", { signal: before })),
    reason,
  );

  // While the server takes its time to answer.
  const controller = new AbortController();
  const answer = Promise.withResolvers<Response>();
  await using server = serve(() => {
    controller.abort(reason);
    return answer.promise;
  });
  const { signal } = controller;
  assertStrictEquals(
    await assertRejects(() => postOffer(server.url, "", { signal })),
    reason,
  );
  answer.resolve(new Response());
});

testWith(
  [],
  "postOffer() rejects with the reason of an abort while it waits",
  async () => {
    const reason = new Error("asked to stop");
    const controller = new AbortController();
    await using server = serve(() => {
      // The answer comes first, then the abort, in the wait for the next try.
      setTimeout(() => controller.abort(reason), 50);
      return new Response(null, { status: 503 });
    });
    const { signal } = controller;
    const error = await assertRejects(() =>
      postOffer(server.url, "", { signal, backoffMs: 600_000 })
    );
    assertStrictEquals(error, reason);
    assertEquals(server.count, 1);
  },
);

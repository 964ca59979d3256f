/** What a browser is asked for by the pages of others. */
import { assertEquals } from "@std/assert";
import { JSON_BODY } from "../support.ts";
import { makePeer, offerOf, peerTest } from "../transport/pair.ts";
import { assertProblem, startHandler } from "./support.ts";

/** The server is `http://localhost`. */
const OWN = "http://localhost";
const EVIL = "https://evil.example";
/** Another port of the same machine. */
const NEIGHBOUR = "http://localhost:3000";

const refusal = (origin: string) =>
  `Pages of ${origin} may not use this server: --cors ${origin} lets them in`;
const NAMELESS =
  "Pages of other sites may not use this server: --cors ORIGIN lets them in";

peerTest("a page of another origin can't publish, read or delete", async () => {
  await using server = await startHandler();
  await using made = await makePeer();
  made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
  const sdp = await offerOf(made.peer);
  const body = JSON.stringify({ type: "offer", sdp });
  const publish = (headers: Record<string, string>) =>
    server.request("POST", "/offer", {
      body,
      headers: { ...JSON_BODY, ...headers },
    });
  const cases: [headers: Record<string, string>, detail: string][] = [
    [{ origin: EVIL }, refusal(EVIL)],
    [{ origin: NEIGHBOUR }, refusal(NEIGHBOUR)],
    [{ origin: "https://localhost:8443" }, refusal("https://localhost:8443")],
    [{ origin: "null" }, NAMELESS],
    [{ origin: "nonsense" }, refusal("nonsense")],
    [{ "sec-fetch-site": "cross-site" }, NAMELESS],
    [{ "sec-fetch-site": "same-site" }, NAMELESS],
    [{ origin: EVIL, "sec-fetch-site": "cross-site" }, refusal(EVIL)],
    [
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
      NAMELESS,
    ],
    [
      { origin: NEIGHBOUR, "sec-fetch-site": "same-site" },
      refusal(NEIGHBOUR),
    ],
  ];
  for (const [headers, detail] of cases) {
    await assertProblem(await publish(headers), 403, detail);
  }
  assertEquals(await server.host.sessions(), []);

  const own: Record<string, string>[] = [
    {},
    { origin: OWN },
    { origin: OWN, "sec-fetch-site": "same-origin" },
    // Behind a proxy that has TLS and another name.
    { origin: "https://points.example", "sec-fetch-site": "same-origin" },
  ];
  const ids: string[] = [];
  for (const headers of own) {
    const response = await publish(headers);
    const { session, detail } = await response.json();
    assertEquals(response.status, 200, detail);
    ids.push(session);
  }
  for (const [method, path] of [["GET", "/sessions"], ["GET", "/events"]]) {
    const response = await server.request(method, path, {
      headers: { origin: EVIL },
    });
    await assertProblem(response, 403, refusal(EVIL));
  }
  for (const id of ids) {
    const path = `/sessions/${id}`;
    const foreign = { headers: { origin: "null" } };
    await assertProblem(
      await server.request("DELETE", path, foreign),
      403,
      NAMELESS,
    );
    const mine = { headers: { origin: OWN } };
    assertEquals((await server.request("DELETE", path, mine)).status, 204);
  }
});

peerTest("a link opens the page, wherever it stands", async () => {
  await using server = await startHandler();
  const statusOf = async (
    method: string,
    path: string,
    headers: Record<string, string>,
  ) => {
    const response = await server.request(method, path, { headers });
    await response.body?.cancel();
    return response.status;
  };
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assertEquals(await statusOf("GET", "/sessions", link), 200);
  assertEquals(await statusOf("HEAD", "/sessions", link), 200);
  assertEquals(await statusOf("DELETE", "/sessions/x", link), 403);
  const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
  assertEquals(await statusOf("GET", "/sessions", image), 403);
  const typed = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" };
  assertEquals(await statusOf("GET", "/sessions", typed), 200);
  // Probes tell nobody anything.
  assertEquals(await statusOf("GET", "/healthz", { origin: EVIL }), 200);
});

peerTest("--cors lets a page in, whatever else the browser says", async () => {
  const headers = { origin: EVIL, "sec-fetch-site": "cross-site" };
  for (
    const [cors, status] of [
      [[], 403],
      [["https://other.example"], 403],
      [[EVIL], 200],
      [["*"], 200],
    ] as const
  ) {
    await using server = await startHandler({ cors: [...cors] });
    const response = await server.request("GET", "/sessions", { headers });
    await response.body?.cancel();
    assertEquals(response.status, status, `${cors}`);
  }
});

peerTest("a page's offers aren't counted as its victim's", async () => {
  await using server = await startHandler({ limits: { offersPerSecond: 0.2 } });
  for (let i = 0; i < 20; i++) {
    const headers = { origin: EVIL };
    const refused = await server.request("POST", "/offer", { headers });
    assertEquals(refused.status, 403);
    await refused.body?.cancel();
  }
  const own = await server.request("POST", "/offer", { headers: JSON_BODY });
  await assertProblem(own, 400, "The body is not JSON");
});

peerTest("POST /offer takes JSON alone, as it can't be forged", async () => {
  await using server = await startHandler();
  const post = (type?: string) =>
    server.request("POST", "/offer", {
      body: new TextEncoder().encode("{}"),
      headers: type === undefined ? {} : { "content-type": type },
    });
  for (
    const [type, shown] of [
      [undefined, "missing"],
      ["text/plain;charset=UTF-8", '"text/plain;charset=UTF-8"'],
      [
        "application/x-www-form-urlencoded",
        '"application/x-www-form-urlencoded"',
      ],
      ["text/plain; application/json", '"text/plain; application/json"'],
      ["application/jsonp", '"application/jsonp"'],
      ["x".repeat(300), `"${"x".repeat(200)}… (300 characters)"`],
    ]
  ) {
    const response = await post(type);
    assertEquals(response.headers.get("accept-post"), "application/json");
    const detail = `The content type is ${shown}, not "application/json"`;
    await assertProblem(response, 415, detail);
  }
  for (const type of ["application/json", "Application/JSON; charset=utf-8"]) {
    const response = await post(type);
    await assertProblem(response, 400, "sdp is missing, not text");
  }
});

/** STUN and TURN servers that WHIP and WHEP name (RFC 9725 section 4.6). */
import { assertEquals, assertMatch } from "@std/assert";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { testWith } from "../support.ts";
import { peerTest } from "../transport/pair.ts";
import { data, offer } from "../transport/sdp/offers.ts";
import { startHandler } from "./support.ts";

const STUN = { urls: "stun:stun.example.org:3478" };
const TURN = {
  ...{ urls: "turn:turn.example.org:3478?transport=udp" },
  ...{ username: "user", credential: 'a "b" \\c' },
};
const LINKS = [
  '<stun:stun.example.org:3478>; rel="ice-server"',
  '<turn:turn.example.org:3478?transport=udp>; rel="ice-server"; ' +
  'username="user"; credential="a \\"b\\" \\\\c"; credential-type="password"',
].join(", ");

const SDP = { "content-type": "application/sdp" };
const BODY = offer([], [data({ mid: "0" })]);

peerTest("answers of WHIP and WHEP name the ICE servers", async () => {
  await using server = await startHandler({
    ...{ iceServers: [STUN, TURN], cors: ["*"] },
  });
  const ask = (path: string) =>
    server.request("POST", path, {
      ...{ body: BODY, headers: { ...SDP, origin: "https://page.example" } },
    });
  const published = await ask("/whip");
  assertEquals(published.status, 201);
  assertEquals(published.headers.get("link"), LINKS);
  assertMatch(
    published.headers.get("access-control-expose-headers") ?? "",
    /\bLink\b/,
  );
  const [{ id }] = await server.host.sessions();
  const watched = await ask(`/whep/${id}`);
  assertEquals(watched.status, 201);
  assertEquals(watched.headers.get("link"), LINKS);
});

peerTest("without ICE servers there is no Link", async () => {
  await using server = await startHandler();
  const { headers } = await server.request("POST", "/whip", {
    ...{ body: BODY, headers: SDP },
  });
  assertEquals(headers.get("link"), null);
});

testWith([], "OPTIONS names them to those who may make an offer", async () => {
  await using server = await startHandler({
    iceServers: [STUN, TURN],
    authorize(request) {
      if (request.headers.get("authorization") === "Bearer right") return;
      throw new HttpProblem(401, "No token");
    },
  });
  const PREFLIGHT = { "access-control-request-method": "POST" };
  const token = { authorization: "Bearer right" };
  const cases: [headers: Record<string, string>, link: string | null][] = [
    [token, LINKS],
    [{}, null],
    [{ authorization: "Bearer wrong" }, null],
    [{ ...token, ...PREFLIGHT }, null],
  ];
  for (const path of ["/whip", "/whep/x"]) {
    for (const [headers, link] of cases) {
      const response = await server.request("OPTIONS", path, { headers });
      assertEquals(response.status, 204);
      assertEquals(response.headers.get("link"), link);
    }
  }
});

testWith([], "OPTIONS names them not to who may watch others", async () => {
  await using server = await startHandler({
    iceServers: [TURN],
    authorize: () => ({ rights: { watch: new Set(["mine"]) } }),
  });
  for (const [id, told] of [["mine", true], ["other", false]] as const) {
    const { headers } = await server.request("OPTIONS", `/whep/${id}`);
    assertEquals(headers.has("link"), told, id);
  }
});

testWith([], "a password that is no ASCII is encoded", async () => {
  await using server = await startHandler({
    iceServers: [{ ...TURN, username: "naïve\r\nX: 1", credential: "€" }],
  });
  const { headers } = await server.request("OPTIONS", "/whip");
  assertEquals(
    headers.get("link"),
    `<${TURN.urls}>; rel="ice-server"; ` +
      "username*=UTF-8''na%C3%AFve%0D%0AX%3A%201; " +
      "credential*=UTF-8''%E2%82%AC; credential-type=\"password\"",
  );
});

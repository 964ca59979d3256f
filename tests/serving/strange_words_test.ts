/** Words that every plain object knows, wherever a stranger says one. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createAuthorize } from "../../lib/auth/authorize.ts";
import { CredentialsError } from "../../lib/auth/errors.ts";
import { verifyJwt } from "../../lib/auth/jwt.ts";
import { parseTokenFile } from "../../lib/auth/token_file.ts";
import { createLogger } from "../../lib/log.ts";
import { parseOffer } from "../../lib/serving/offer.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { parseDescription } from "../../lib/transport/sdp/description.ts";
import {
  prepareOffer,
  UnusableOfferError,
} from "../../lib/transport/sdp/foreign_offer.ts";
import { SignJWT } from "jose";
import { STRANGE_WORDS } from "../strange_words.ts";
import { testWith } from "../support.ts";
import { exchange } from "./support.ts";

/** One path of each route, and what is nowhere. */
const PATHS = [
  ...["/", "/offer", "/whip", "/whip/x", "/whep/x", "/whep/x/y", "/sessions"],
  ...[
    "/sessions/x",
    "/events",
    "/recordings",
    "/addresses",
    "/metrics",
    "/healthz",
  ],
  ...["/readyz", "/nothing"],
];

testWith([], "a method that no route has is a 405 or 404", async () => {
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  const lines: string[] = [];
  await using server = PointServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "error", write: (line) => lines.push(line) }),
  });
  for (const method of [...STRANGE_WORDS, "get", "PROPFIND", "M".repeat(999)]) {
    for (const path of PATHS) {
      const answer = await exchange(
        server.port,
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n` +
          "Connection: close\r\n\r\n",
      );
      const what = `${method} ${path}: ${answer}`;
      assert(/^HTTP\/1\.1 40[45] /.test(answer), what);
      assert(answer.includes("application/problem+json"), what);
      assert(!/\n +at /.test(answer), what);
    }
  }
  assertEquals(lines, []);
});

testWith([], "a strange path, query or field is as any other", async () => {
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  await using server = PointServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "error" }),
  });
  for (const word of STRANGE_WORDS) {
    for (
      const [path, status] of [
        [`/${word}`, 404],
        [`/sessions/${word}`, 404],
        [`/whep/${word}/${word}`, 405],
        [`/sessions?${word}=${word}`, 200],
      ] as const
    ) {
      const response = await fetch(server.url + path, {
        headers: { [word]: word, authorization: `Bearer ${word}` },
      });
      await response.body?.cancel();
      assertEquals(response.status, status, path);
    }
  }
});

Deno.test("no offer's type, and no right of a token, is a strange word", () => {
  for (const word of STRANGE_WORDS) {
    for (
      const body of [
        `{"${word}": {"sdp": "v=0", "type": "offer"}}`,
        JSON.stringify({ sdp: "v=0", type: word }),
      ]
    ) assertThrows(() => parseOffer(body), HttpProblem);
    const file = JSON.stringify({ tokens: [{ token: "t", rights: [word] }] });
    assertThrows(() => parseTokenFile(file, "file"), CredentialsError);
  }
});

Deno.test("a JWT's strange claims give no right", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const keys = { find: () => key, algorithms: ["HS256"] };
  for (const word of STRANGE_WORDS) {
    // A computed name is the object's own, __proto__ too.
    const token = await new SignJWT({
      [word]: { publish: true },
      pointwire: { [word]: true, watch: [word] },
    }).setProtectedHeader({ alg: "HS256", kid: word })
      .setExpirationTime("1m").sign(key);
    const { rights } = await verifyJwt(token, keys);
    assertEquals(rights, { watch: new Set([word]) }, word);
    const authorize = createAuthorize({
      tokens: () => [],
      verifyJwt: (token) => verifyJwt(token, keys),
      open: [],
    });
    const request = new Request("http://localhost", {
      headers: { authorization: `Bearer ${token}` },
    });
    for (const right of ["publish", "operate"] as const) {
      const refusal = await Promise.resolve(authorize(request, right))
        .then(() => undefined, (error) => error);
      assert(refusal instanceof HttpProblem, word);
      assertEquals(refusal.status, 403);
    }
  }
});

Deno.test("no codec, profile or attribute of an SDP is a strange word", () => {
  for (const word of STRANGE_WORDS) {
    const sdp = [
      ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"],
      ...[`a=${word}:${word}`, `a=group:${word} ${word}`],
      ...[`m=video 9 UDP/TLS/RTP/SAVPF 96`, "c=IN IP4 0.0.0.0"],
      ...[`a=mid:${word}`, `a=rtpmap:96 ${word}/90000`],
      ...[`a=fmtp:96 ${word}=${word}`, `a=rtcp-fb:96 ${word}`],
      ...[`m=${word} 9 ${word} ${word}`, `a=${word}`, `a=setup:${word}`],
    ].join("\r\n");
    assertThrows(
      () => prepareOffer(parseDescription(sdp), {}),
      UnusableOfferError,
    );
  }
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from "jose";
import { createAuthorize } from "../../lib/auth/authorize.ts";
import { CredentialsError } from "../../lib/auth/errors.ts";
import { type JwtOptions, verifyJwt } from "../../lib/auth/jwt.ts";
import {
  type JwtKeys,
  parseKeyFile,
  remoteKeys,
} from "../../lib/auth/jwt_key.ts";
import { testWith } from "../support.ts";
import { ask, assertRights } from "./support.ts";

type Key = Parameters<SignJWT["sign"]>[0];

const SECRET = crypto.getRandomValues(new Uint8Array(32));
const OCT = JSON.stringify({
  kty: "oct",
  k: SECRET.toBase64({ alphabet: "base64url", omitPadding: true }),
});
const CLAIMS = { pointwire: { publish: true } };

function sign(
  key: Key,
  payload: JWTPayload,
  { alg = "ES256", kid, expires = "1m" }: {
    alg?: string;
    kid?: string;
    expires?: string | null;
  } = {},
): Promise<string> {
  const jwt = new SignJWT(payload).setProtectedHeader({ alg, kid });
  if (expires !== null) jwt.setExpirationTime(expires);
  return jwt.sign(key);
}

async function makeKeys(alg = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg, {
    extractable: true,
  });
  return { publicKey, privateKey, pem: await exportSPKI(publicKey) };
}

function check(keys: JwtKeys, options?: JwtOptions) {
  return createAuthorize({
    tokens: () => [],
    verifyJwt: (token) => verifyJwt(token, keys, options),
    open: [],
  });
}

function invalid(detail: string): string {
  return `401 ${detail}; Bearer realm="pointwire", error="invalid_token"`;
}

Deno.test("a JWT's claims name what may be published and watched", async () => {
  const { privateKey, pem } = await makeKeys();
  const keys = await parseKeyFile(pem, "key.pem");
  const rightsOf = async (pointwire: unknown) =>
    (await verifyJwt(await sign(privateKey, { pointwire }), keys)).rights;
  assertEquals(await rightsOf({ publish: true }), { publish: "all" });
  assertEquals(await rightsOf({ watch: ["a", "b"] }), {
    watch: new Set(["a", "b"]),
  });
  assertEquals(await rightsOf({ watch: ["*"], operate: true }), {
    watch: "all",
    operate: "all",
  });
  assertEquals(await rightsOf({ publish: false, watch: false }), {});
  assertEquals(await rightsOf(undefined), {});
  const authorize = check(keys);
  const token = await sign(privateKey, { pointwire: { operate: ["a"] } });
  await assertRights(authorize, token, ["watch", "operate"]);
  for (
    const [pointwire, detail] of [
      ["all", 'The token\'s claim "pointwire" is no object'],
      [
        { publish: "robot-7" },
        'The token\'s claim "pointwire.publish" is neither true, false, ' +
        "nor a list of sessions",
      ],
      [
        { watch: "*" },
        'The token\'s claim "pointwire.watch" is neither true, false, ' +
        "nor a list of sessions",
      ],
    ] as const
  ) {
    const token = await sign(privateKey, { pointwire });
    const answer = await ask(authorize, "watch", `Bearer ${token}`);
    assertEquals(answer, invalid(detail));
  }
});

Deno.test("a JWT is one caller's by issuer and subject", async () => {
  const { privateKey, pem } = await makeKeys();
  const keys = await parseKeyFile(pem, "key.pem");
  const callerOf = async (payload: JWTPayload) =>
    (await verifyJwt(await sign(privateKey, payload), keys)).caller;
  const robot = await callerOf({ iss: "i", sub: "robot" });
  assertEquals(await callerOf({ iss: "i", sub: "robot", jti: "2" }), robot);
  assert(await callerOf({ iss: "other", sub: "robot" }) !== robot);
  assert(await callerOf({ jti: "1" }) !== await callerOf({ jti: "2" }));
});

Deno.test("each kind of public key verifies its own signatures", async () => {
  for (const alg of ["ES256", "ES384", "RS256", "PS256", "EdDSA"]) {
    const { privateKey, publicKey, pem } = await makeKeys(alg);
    const jwk = await exportJWK(publicKey);
    const token = await sign(privateKey, CLAIMS, { alg });
    for (const text of [pem, jwk, { keys: [jwk] }]) {
      const file = typeof text === "string" ? text : JSON.stringify(text);
      const access = await verifyJwt(token, await parseKeyFile(file, "f"));
      assertEquals(access.rights, { publish: "all" }, alg);
    }
  }
});

Deno.test("a JWT that doesn't hold is refused, and why is said", async () => {
  const { privateKey, pem } = await makeKeys();
  const stranger = await makeKeys();
  const keys = await parseKeyFile(pem, "key.pem");
  const authorize = check(keys, { audience: "us", issuer: "them" });
  const good = { ...CLAIMS, aud: "us", iss: "them" };
  const now = Math.floor(Date.now() / 1000);
  const forged = (await sign(privateKey, good)).replace(
    /\.[^.]+\./,
    `.${btoa(JSON.stringify({ ...good, exp: now + 90 })).replace(/=+$/, "")}.`,
  );
  const unsigned = `${btoa('{"alg":"none"}')}.${
    btoa(JSON.stringify({ ...good, exp: now + 60 }))
  }.`.replaceAll("=", "");
  // The public key as if it were a secret: what is known to all signs nothing.
  const confused = await sign(new TextEncoder().encode(pem), good, {
    alg: "HS256",
  });
  const cases: [string, string][] = [
    [
      await sign(privateKey, good, { expires: "-1m" }),
      "The token has expired",
    ],
    [
      await sign(privateKey, good, { expires: null }),
      'The token has no claim "exp"',
    ],
    [
      await sign(privateKey, { ...good, nbf: now + 60 }),
      'The token\'s claim "nbf" is not accepted',
    ],
    [
      await sign(privateKey, { ...good, aud: "others" }),
      'The token\'s claim "aud" is not accepted',
    ],
    [
      await sign(privateKey, { ...good, iss: undefined }),
      'The token has no claim "iss"',
    ],
    [await sign(stranger.privateKey, good), "The token is not valid"],
    [forged, "The token is not valid"],
    [confused, "The token is not valid"],
    [unsigned, "The token is not known here"],
    [unsigned + "AAAA", "The token is not valid"],
  ];
  for (const [token, detail] of cases) {
    const answer = await ask(authorize, "publish", `Bearer ${token}`);
    assertEquals(answer, invalid(detail));
  }
  await assertRights(authorize, await sign(privateKey, good), ["publish"]);
});

Deno.test("HS256 is for a key that is symmetric, and nothing else is", async () => {
  const keys = await parseKeyFile(OCT, "key.json");
  const token = await sign(SECRET, CLAIMS, { alg: "HS256" });
  assertEquals((await verifyJwt(token, keys)).rights, { publish: "all" });
  const { privateKey } = await makeKeys();
  for (
    const other of [
      await sign(privateKey, CLAIMS),
      await sign(crypto.getRandomValues(new Uint8Array(32)), CLAIMS, {
        alg: "HS256",
      }),
    ]
  ) {
    const answer = await ask(check(keys), "publish", `Bearer ${other}`);
    assertEquals(answer, invalid("The token is not valid"));
  }
});

Deno.test("parseKeyFile() says why a file is no key", async () => {
  const { privateKey } = await makeKeys();
  const own = JSON.stringify(await exportJWK(privateKey));
  const isPrivate =
    "f is a private key, which is its issuer's alone; the server needs the public one";
  const cases: [string, string][] = [
    ["", "f is no public key in PEM, JWK or JWK set"],
    ["{", "f is neither PEM nor JSON"],
    ['{"keys": []}', "f has no keys"],
    [own, isPrivate],
    [`{"keys": [${own}]}`, isPrivate],
    ["-----BEGIN PRIVATE KEY-----\n", isPrivate],
    [
      '{"kty": "oct", "k": "c2hvcnQ"}',
      'f has no symmetric key of at least 32 bytes in "k"',
    ],
    [
      `{"keys": [${OCT}]}`,
      "f has a symmetric key in a set; one must stand alone",
    ],
  ];
  for (const [text, message] of cases) {
    const error = await assertRejects(
      () => parseKeyFile(text, "f"),
      CredentialsError,
    );
    assertEquals(error.message, message);
  }
});

testWith(
  [],
  "keys come from a JWK set's URL, which may be unreachable",
  async () => {
    const first = await makeKeys();
    let keys: unknown[] = [{ ...await exportJWK(first.publicKey), kid: "1" }];
    let status = 200;
    let padding = "";
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => Response.json({ keys, padding }, { status }),
    );
    const url = `http://127.0.0.1:${server.addr.port}/jwks.json`;
    const token = await sign(first.privateKey, CLAIMS, { kid: "1" });
    await assertRights(check(remoteKeys(url)), token, ["publish"]);

    const second = await makeKeys();
    keys = [...keys, { ...await exportJWK(second.publicKey), kid: "2" }];
    const other = await sign(second.privateKey, CLAIMS, { kid: "2" });
    await assertRights(check(remoteKeys(url)), other, ["publish"]);
    const unknown = await sign(second.privateKey, CLAIMS, { kid: "3" });
    assertEquals(
      await ask(check(remoteKeys(url)), "publish", `Bearer ${unknown}`),
      invalid("The token is not valid"),
    );

    const unreachable =
      "503 The keys that tokens are signed with can't be fetched; " +
      "try again later; undefined";
    status = 500;
    assertEquals(
      await ask(check(remoteKeys(url)), "publish", `Bearer ${token}`),
      unreachable,
    );
    status = 200;
    padding = "x".repeat(256 * 1024);
    assertEquals(
      await ask(check(remoteKeys(url)), "publish", `Bearer ${token}`),
      unreachable,
    );
  },
);

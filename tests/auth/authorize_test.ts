import { assertEquals, assertThrows } from "@std/assert";
import { createAuthorize } from "../../lib/auth/authorize.ts";
import { CredentialsError } from "../../lib/auth/errors.ts";
import { parseTokenFile } from "../../lib/auth/token_file.ts";
import { findToken, knownToken } from "../../lib/auth/tokens.ts";
import { ask, assertRights } from "./support.ts";

const FILE = JSON.stringify({
  tokens: [
    { token: "robot-old", rights: ["publish"], name: "robot" },
    { token: "robot-new", rights: ["publish"], name: "robot" },
    { token: "screen", rights: ["watch"] },
    { token: "boss", rights: ["operate"] },
    { token: "none", rights: [] },
  ],
});

const authorize = createAuthorize({
  tokens: () => parseTokenFile(FILE, "tokens.json"),
  open: [],
});

Deno.test("a token gives its rights, and to operate is to watch", async () => {
  await assertRights(authorize, "robot-old", ["publish"]);
  await assertRights(authorize, "screen", ["watch"]);
  await assertRights(authorize, "boss", ["watch", "operate"]);
  await assertRights(authorize, "none", []);
  await assertRights(authorize, "robot", []);
  await assertRights(authorize, undefined, []);
});

Deno.test("401 says that a token is needed or wrong, 403 that it doesn't do", async () => {
  assertEquals(
    await ask(authorize, "publish"),
    '401 A token that may publish is needed; Bearer realm="pointwire"',
  );
  assertEquals(
    await ask(authorize, "watch", "Basic c2NyZWVuOg=="),
    '401 A token that may watch is needed; Bearer realm="pointwire"',
  );
  assertEquals(
    await ask(authorize, "watch", "Bearer scree"),
    "401 The token is not known here; " +
      'Bearer realm="pointwire", error="invalid_token"',
  );
  assertEquals(
    await ask(authorize, "publish", "bearer screen"),
    "403 The token gives no right to publish; " +
      'Bearer error="insufficient_scope"',
  );
});

Deno.test("what is open is open to all, whatever they show", async () => {
  const authorize = createAuthorize({
    tokens: () => [knownToken("p", { rights: { publish: "all" } }, "it")],
    open: ["watch"],
  });
  await assertRights(authorize, undefined, ["watch"]);
  await assertRights(authorize, "stale", ["watch"]);
  await assertRights(authorize, "p", ["publish", "watch"]);
});

Deno.test("tokens of one name are one caller's, others are not", () => {
  const tokens = parseTokenFile(FILE, "tokens.json");
  const caller = (token: string) => findToken(tokens, token)?.caller;
  assertEquals(caller("robot-old"), "name robot");
  assertEquals(caller("robot-new"), "name robot");
  assertEquals(new Set([caller("screen"), caller("boss")]).size, 2);
  assertEquals(caller("screen")?.includes("screen"), false);
});

Deno.test("parseTokenFile() names what is wrong, and never a token", () => {
  const entry = (more: Record<string, unknown>) =>
    JSON.stringify({ tokens: [{ token: "s3cret", rights: [] }, more] });
  const cases: [string, string][] = [
    ['{"tokens": s3cret', "f is not JSON"],
    ["[]", 'f has no list "tokens"'],
    ["null", 'f has no list "tokens"'],
    [entry({ rights: [] }), 'f: token 2 has no text "token"'],
    [
      entry({ token: "s3cret", rights: ["all"] }),
      'f: token 2 has no list "rights" of publish, watch, operate',
    ],
    [
      entry({ token: "s3cret", rights: [], name: 1 }),
      "f: token 2 has a name that is no text",
    ],
    [
      entry({ token: "s3cret\n", rights: [] }),
      "f: token 2 is no bearer token: it has letters, digits and -._~+/ " +
      "alone, and may end with =",
    ],
  ];
  for (const [text, message] of cases) {
    const error = assertThrows(
      () => parseTokenFile(text, "f"),
      CredentialsError,
    );
    assertEquals(error.message, message);
  }
});

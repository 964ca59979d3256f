/** NATS servers that want to know who a node is, as real processes. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BusError } from "../../lib/cluster/bus.ts";
import { NatsBus } from "../../lib/cluster/nats_bus.ts";
import { parseCredentials } from "../../lib/cluster/nats_credentials.ts";
import { createLogger } from "../../lib/log.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { freePort } from "../free_port.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { Nats } from "./nats.ts";
import { startNode, whenMet } from "./nodes.ts";

const LEAKY = { sanitizeOps: false, sanitizeResources: false };
const SEED = `SU${"A".repeat(56)}`;
const log = createLogger({ write: () => {} });

/** Files of a test, by their names. */
async function withFiles(): Promise<
  AsyncDisposable & { write(name: string, text: string): Promise<string> }
> {
  const folder = await temporaryFolder();
  return {
    async write(name, text) {
      const path = `${folder.path}/${name}`;
      await Deno.writeTextFile(path, text);
      return path;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Joins, and leaves again. */
async function join(
  { url }: { url: string },
  options: { credentials?: string; authorities?: string } = {},
): Promise<void> {
  const servers = [url];
  await using _ = await NatsBus.connect({
    ...{ servers, name: "test", log },
    ...options,
  });
}

Deno.test("Credentials are told apart by what they are", () => {
  const jwt =
    "-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------";
  assertEquals(parseCredentials(`${jwt}\n${SEED}\n`)?.type, "jwt");
  assertEquals(parseCredentials(`# a key\n${SEED}\n`), {
    type: "nkey",
    seed: SEED,
  });
  assertEquals(parseCredentials("me:a:b c\n"), {
    type: "user",
    user: "me",
    password: "a:b c",
  });
  for (const text of ["", "me", ":word", "me:", "me:a\nyou:b\n", jwt]) {
    assertEquals(parseCredentials(text), undefined, text);
  }
});

testWith(
  ["nats-server"],
  "Nodes join over TLS of their own authority, with a key",
  async () => {
    const { nkeys } = await import("@nats-io/transport-node");
    const [user, stranger] = [nkeys.createUser(), nkeys.createUser()];
    const seedOf = (key: typeof user) =>
      new TextDecoder().decode(key.getSeed());
    await using files = await withFiles();
    const [identity, other] = [await makeIdentity(), await makeIdentity()];
    const ca = await files.write("ca.pem", identity.ca);
    const otherCa = await files.write("other.pem", other.ca);
    const seed = await files.write("seed", `${seedOf(user)}\n`);
    const wrong = await files.write("wrong", seedOf(stranger));
    const config = await files.write(
      "nats.conf",
      `authorization { users: [ {
        nkey: ${user.getPublicKey()}
        permissions: {
          publish: ["pointwire.default.>", "_INBOX.>"]
          subscribe: ["pointwire.default.>", "_INBOX.>"]
        }
      } ] }\n`,
    );
    await using nats = await Nats.start(freePort(), [
      ...["--config", config, "--tls"],
      ...["--tlscert", await files.write("cert.pem", identity.cert)],
      ...["--tlskey", await files.write("key.pem", identity.key)],
    ]);
    const args = ["--cluster-creds", seed, "--cluster-ca", ca];
    await using a = await startNode(nats, "a", args);
    await using b = await startNode(nats, "b", args);
    await whenMet([a, b]);
    for (
      const options of [
        { credentials: wrong, authorities: ca },
        { credentials: seed, authorities: otherCa },
        { credentials: seed },
        { authorities: ca },
      ]
    ) {
      await assertRejects(() => join(nats, options), BusError, "Can't join");
    }
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "A server without TLS is not taken for one that has it",
  async () => {
    await using files = await withFiles();
    const { ca } = await makeIdentity();
    const authorities = await files.write("ca.pem", ca);
    const credentials = await files.write("user", "me:word");
    await using nats = await Nats.start(freePort());
    const url = nats.url.replace("nats:", "tls:");
    await assertRejects(
      () => join({ url }, { credentials, authorities }),
      BusError,
    );
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "A password that is changed in the file is used from then on",
  async () => {
    await using files = await withFiles();
    const configOf = (password: string) =>
      files.write(
        "nats.conf",
        `authorization { user: me, password: "${password}" }\n`,
      );
    const credentials = await files.write("user", "me:first\n");
    const config = await configOf("first");
    await using nats = await Nats.start(freePort(), ["--config", config]);
    const wrong = await files.write("wrong", "me:other");
    await assertRejects(() => join(nats, { credentials: wrong }), BusError);
    await using bus = await NatsBus.connect({
      ...{ servers: [nats.url], name: "test", credentials, log },
    });
    await nats.kill();
    await until(() => !bus.isConnected, { what: "the loss of NATS" });
    await configOf("second");
    await files.write("user", "me:second\n");
    await nats.startAgain();
    await until(() => bus.isConnected, { what: "that NATS is back" });
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "A key that is half written doesn't keep a node out",
  async () => {
    const { nkeys } = await import("@nats-io/transport-node");
    const user = nkeys.createUser();
    await using files = await withFiles();
    const config = await files.write(
      "nats.conf",
      `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }\n`,
    );
    const seed = new TextDecoder().decode(user.getSeed());
    const credentials = await files.write("seed", seed);
    await using nats = await Nats.start(freePort(), ["--config", config]);
    await using bus = await NatsBus.connect({
      ...{ servers: [nats.url], name: "test", credentials, log },
    });
    await nats.kill();
    await until(() => !bus.isConnected, { what: "the loss of NATS" });
    // It looks like a key, and its checksum is wrong.
    await files.write("seed", SEED);
    await nats.startAgain();
    await until(() => bus.isConnected, { what: "that NATS is back" });
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "A .creds file lets a user of an account in",
  async () => {
    const { nkeys } = await import("@nats-io/transport-node");
    const [operator, account, user] = [
      ...[nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()],
    ];
    type Key = typeof operator;
    const encode = (value: unknown) =>
      new TextEncoder().encode(JSON.stringify(value))
        .toBase64({ alphabet: "base64url", omitPadding: true });
    /** A JWT as NATS has them, its ADR-14. */
    const jwtOf = (by: Key, of: Key, nats: Record<string, unknown>) => {
      const claims = {
        ...{ jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000) },
        ...{ iss: by.getPublicKey(), sub: of.getPublicKey(), name: "test" },
        nats: { version: 2, ...nats },
      };
      const head = encode({ typ: "JWT", alg: "ed25519-nkey" });
      const text = `${head}.${encode(claims)}`;
      const signed = by.sign(new TextEncoder().encode(text));
      const words = { alphabet: "base64url", omitPadding: true } as const;
      return `${text}.${new Uint8Array(signed).toBase64(words)}`;
    };
    const all = { subs: -1, data: -1, payload: -1 };
    const limits = {
      ...{ ...all, imports: -1, exports: -1, wildcards: true },
      ...{ conn: -1, leaf: -1 },
    };
    const accountJwt = jwtOf(operator, account, { type: "account", limits });
    await using files = await withFiles();
    const config = await files.write(
      "nats.conf",
      [
        `operator: ${jwtOf(operator, operator, { type: "operator" })}`,
        "resolver: MEMORY",
        `resolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`,
      ].join("\n"),
    );
    await using nats = await Nats.start(freePort(), ["--config", config]);
    const seed = new TextDecoder().decode(user.getSeed());
    const credentials = await files.write(
      "user.creds",
      "-----BEGIN NATS USER JWT-----\n" +
        jwtOf(account, user, { type: "user", ...all }) +
        "\n------END NATS USER JWT------\n\n" +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    );
    await join(nats, { credentials });
    await assertRejects(() => join(nats), BusError, "Can't join");
  },
  LEAKY,
);

testWith(
  ["nats-server"],
  "A file that can't be used is named, and what it has isn't",
  async () => {
    await using files = await withFiles();
    await using nats = await Nats.start(freePort());
    const cases: [string, string][] = [
      [await files.write("none", "my secret"), "has no credentials of NATS"],
      [await files.write("long", "x".repeat(70_000)), "more than 65536 bytes"],
      ["/nowhere/at/all", "Can't read /nowhere/at/all"],
    ];
    for (const [credentials, why] of cases) {
      const error = await assertRejects(
        () => join(nats, { credentials }),
        BusError,
        why,
      );
      assert(!error.message.includes("secret"));
    }
  },
  LEAKY,
);

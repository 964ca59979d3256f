/** Who may come in, with the real programs: TLS, tokens, and both as they change. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { makeIdentity, type TestIdentity } from "../auth/certificates.ts";
import { temporaryFolder, testWith, until } from "../support.ts";

const QUIET = ["--media", "none", "--json", "--points", "1000"];

/** Writes a certificate and its key. */
async function write(folder: string, { cert, key, ca }: TestIdentity) {
  await Deno.writeTextFile(`${folder}/cert.pem`, cert);
  await Deno.writeTextFile(`${folder}/key.pem`, key);
  await Deno.writeTextFile(`${folder}/ca.pem`, ca);
}

async function sessionsOf(
  { url }: ServerProcess,
  { ca }: TestIdentity,
  token: string,
): Promise<SessionSnapshot[]> {
  using client = Deno.createHttpClient({ caCerts: [ca] });
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/sessions`, { client, headers });
  assertEquals(response.status, 200);
  return await response.json();
}

/** Tells what a server and a client said together, where it must not be. */
function assertNeverSaid(processes: Process[], secrets: string[]): void {
  const said = processes.flatMap(({ stderr }) => stderr).join("\n");
  for (const secret of secrets) assert(!said.includes(secret), secret);
}

testWith(
  [],
  "a client publishes over TLS with a token while certificate and tokens change",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const before = await makeIdentity();
    const after = await makeIdentity();
    await write(path, before);
    const both = `${path}/both.pem`;
    await Deno.writeTextFile(both, `${before.ca}\n${after.ca}\n`);
    const tokens = (...list: string[]) =>
      Deno.writeTextFile(
        `${path}/tokens.json`,
        JSON.stringify({
          tokens: list.map((token) => ({
            token,
            rights: ["publish", "watch"],
          })),
        }),
      );
    await tokens("first-secret");
    await using server = await startServer([
      ...["--cert", `${path}/cert.pem`, "--key", `${path}/key.pem`],
      ...["--token-file", `${path}/tokens.json`, "--log-level", "debug"],
    ]);
    assertMatch(server.url, /^https:\/\/localhost:\d+$/);
    assertEquals(
      server.logs.filter(({ level }) => level === "warn"),
      [],
      "TLS and tokens: nothing to warn of",
    );
    const own = ["--ca", both, "--token", "first-secret"];
    await using client = startClient(server, [
      ...QUIET,
      ...own,
      ...["--duration", "0", "--log-level", "debug", "--rate", "20"],
    ]);
    const streaming = await whenReceived(
      () => sessionsOf(server, before, "first-secret"),
      1,
    );

    // HTTP/2 and 1.1, as the client likes.
    for (const protocol of ["h2", "http/1.1"]) {
      const { alpnProtocol } = await handshake(server, before, [protocol]);
      assertEquals(alpnProtocol, protocol);
    }

    // A broken file first, then another certificate; the session goes on.
    await Deno.writeTextFile(`${path}/key.pem`, "no key");
    await server.waitForLog(
      "a warning of the broken key",
      ({ level, error }) =>
        level === "warn" && String(error).includes("has no private key"),
    );
    await handshake(server, before);
    await write(path, after);
    await server.waitForLog(
      "the new certificate",
      ({ message }) => message === "certificate read again",
    );
    // The listener before stops a moment later.
    await until(async () => !await trusted(server, before), {
      what: "the end of the old certificate",
    });
    await until(() => trusted(server, after), { what: "the new certificate" });

    await tokens("second-secret");
    await server.waitForLog(
      "the new tokens",
      ({ message }) => message === "file read again",
    );
    const going = await whenReceived(
      () => sessionsOf(server, after, "second-secret"),
      streaming.points.frames + 20,
    );
    assertEquals(going.id, streaming.id);

    // The old token is no good any more, and a client says so at once.
    await using late = startClient(server, [...QUIET, ...own]);
    assertEquals((await late.finished()).code, 1);
    assertEquals(
      late.stderr.at(-1),
      `${server.url}/offer answered 401: The token is not known here; ` +
        "give another with --token or POINTWIRE_TOKEN",
    );

    // Nor does one that was in come back with it.
    await server.stop();
    const { port } = new URL(server.url);
    await using again = await startServer([
      ...["--port", port, "--token-file", `${path}/tokens.json`],
      ...["--cert", `${path}/cert.pem`, "--key", `${path}/key.pem`],
    ]);
    assertEquals((await client.finished()).code, 1);
    const report: PublishReport = JSON.parse(await client.stdout);
    assertEquals(report.outages.length, 1);
    assertMatch(report.failure!, /answered 401: The token is not known here/);
    await again.waitForLog(
      "the refusal",
      ({ message, status }) => message === "request refused" && status === 401,
    );
    assertNeverSaid([server, again, client, late], [
      "first-secret",
      "second-secret",
    ]);
  },
);

testWith(
  [],
  "the client says what to do about a token and a certificate",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await write(path, await makeIdentity());
    await using server = await startServer([
      ...["--cert", `${path}/cert.pem`, "--key", `${path}/key.pem`],
      ...["--publish-token", "old,new", "--watch-token", "screen"],
    ]);
    const ca = ["--ca", `${path}/ca.pem`];
    const url = `${server.url}/offer`;
    const cases: [args: string[], expected: string | RegExp][] = [
      [
        ca,
        `${url} answered 401: A token that may publish is needed; ` +
        "give one with --token or POINTWIRE_TOKEN",
      ],
      [
        [...ca, "--token", "screen"],
        `${url} answered 403: The token gives no right to publish; ` +
        "give another with --token or POINTWIRE_TOKEN",
      ],
      [
        [...ca, "--token", "a\nb"],
        /^--token is no bearer token/,
      ],
      [
        ["--token", "new"],
        /invalid peer certificate.*name that one's with --ca$/,
      ],
      [
        ["--ca", `${path}/none`],
        `Can't read ${path}/none: there is no such file`,
      ],
      [
        ["--ca", `${path}/key.pem`],
        `${path}/key.pem has no certificate in PEM`,
      ],
    ];
    await Promise.all(cases.map(async ([args, expected]) => {
      await using client = startClient(server, [...QUIET, ...args]);
      const { code } = await client.finished();
      const last = client.stderr.at(-1) ?? "";
      if (typeof expected === "string") assertEquals(last, expected);
      else assertMatch(last, expected);
      assertEquals(code, 1, last);
    }));
    await using welcome = startClient(server, [
      ...[...QUIET, ...ca, "--token", "new", "--duration", "0.5"],
    ]);
    assertEquals((await welcome.finished()).code, 0, welcome.stderr.join("\n"));
  },
);

testWith(
  [],
  "tokens come from the environment; what has none is open, but for ending",
  async () => {
    await using server = await startServer(["--host", "127.0.0.1"], [], {
      env: {
        POINTWIRE_WATCH_TOKEN: "screen, screen2",
      },
    });
    assertEquals(server.logs.filter(({ level }) => level === "warn"), []);
    const ask = async (method: string, path: string, token?: string) => {
      const { status, body } = await fetch(`${server.url}${path}`, {
        method,
        headers: token ? { authorization: `Bearer ${token}` } : {},
      });
      await body?.cancel();
      return status;
    };
    assertEquals(await ask("GET", "/sessions"), 401);
    assertEquals(await ask("GET", "/sessions", "screen2"), 200);
    assertEquals(await ask("POST", "/whip"), 415, "to publish is open");
    assertEquals(await ask("DELETE", "/sessions/x"), 401);
    assertEquals(await ask("DELETE", "/sessions/x", "screen"), 403);

    await using closed = await startServer([], [], {
      env: {
        POINTWIRE_PUBLISH_TOKEN: "robot",
      },
    });
    const [warning, ...others] = closed.logs.filter(({ level }) =>
      level === "warn"
    );
    assertEquals([warning.without, others], [["TLS"], []]);
    const sessions = await fetch(`${closed.url}/sessions`);
    assertEquals([sessions.status, await sessions.json()], [200, []]);
    await using client = startClient(closed, [...QUIET, "--duration", "0.5"], {
      env: { POINTWIRE_TOKEN: "robot" },
    });
    assertEquals((await client.finished()).code, 0, client.stderr.join("\n"));
  },
);

testWith([], "JWTs let in whom they name, to what they name", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [await exportJWK(publicKey)];
  await using issuer = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ keys }),
  );
  const token = (pointwire: Record<string, unknown>, audience = "us") =>
    new SignJWT({ pointwire })
      .setProtectedHeader({ alg: "ES256" })
      .setAudience(audience)
      .setExpirationTime("1m")
      .sign(privateKey);
  await using server = await startServer([
    ...["--jwks", `http://127.0.0.1:${issuer.addr.port}/`],
    ...["--jwt-audience", "us", "--host", "127.0.0.1"],
  ]);
  const robot = await token({ publish: true });
  await using a = startClient(server, [...QUIET, "--token", robot]);
  await using b = startClient(server, [...QUIET, "--token", robot]);
  const connected = async (besides?: string) => {
    const { session } = await server.waitForLog(
      "a session",
      ({ message, session }) =>
        message === "session connected" && session !== besides,
    );
    return session!;
  };
  const mine = await connected();
  await connected(mine);
  const ask = async (path: string, token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}${path}`, { headers });
    return [response.status, await response.json()];
  };
  const screen = await token({ watch: [mine] });
  const [status, sessions] = await ask("/sessions", screen);
  assertEquals(status, 200);
  assertEquals(sessions.map(({ id }: SessionSnapshot) => id), [mine]);
  assertEquals((await ask("/sessions/x", screen))[0], 403);
  assertEquals((await ask("/sessions", robot))[0], 403);
  const operator = await token({ operate: [mine] });
  assertEquals((await ask(`/sessions/${mine}`, operator))[0], 200);
  const [metrics, problem] = await ask("/metrics", operator);
  assertEquals(
    [metrics, problem.detail],
    [403, "The token gives no right to operate all sessions"],
  );
  const others = await token({ watch: true }, "them");
  const [refused, { detail }] = await ask("/sessions", others);
  assertEquals(
    [refused, detail],
    [401, 'The token\'s claim "aud" is not accepted'],
  );
  await Promise.all([a.stop("SIGINT"), b.stop("SIGINT")]);
  assertNeverSaid([server, a, b], [robot, screen, others, operator]);
});

testWith([], "the server refuses what can't be, in one sentence", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const identity = await makeIdentity();
  await write(path, identity);
  await Deno.writeTextFile(`${path}/other.pem`, (await makeIdentity()).key);
  const [cert, key, other] = ["cert", "key", "other"].map((name) =>
    `${path}/${name}.pem`
  );
  const cases: [
    args: string[],
    code: number,
    expected: string,
    env?: Record<string, string>,
  ][] = [
    [["--cert", cert], 2, "--cert needs --key: https takes both"],
    [["--key", key], 2, "--key needs --cert: https takes both"],
    [["--cert", key, "--key", key], 1, `${key} has no certificate in PEM`],
    [["--cert", cert, "--key", cert], 1, `${cert} has no private key in PEM`],
    [
      ["--cert", cert, "--key", other],
      1,
      "Can't listen on 0.0.0.0 port 0: the certificate's key is another one",
    ],
    [["--jwt-issuer", "x"], 2, "--jwt-issuer needs --jwks or --jwt-key"],
    [
      ["--cors", "https://a.example,b.example"],
      2,
      "--cors is an origin such as https://example.org, or *, " +
      'not "b.example"',
    ],
    [["--publish-token", "a,,b"], 2, "--publish-token needs a value"],
    [["--token-file", key], 1, `${key} is not JSON`],
    [
      [],
      1,
      "POINTWIRE_WATCH_TOKEN has an empty token; give it one, or unset it",
      { POINTWIRE_WATCH_TOKEN: "" },
    ],
  ];
  await Promise.all(cases.map(async ([args, code, message, env]) => {
    await using server = new Process(Deno.execPath(), [
      ...["run", "-P=server", "server.ts", "--port", "0", ...args],
    ], { env });
    assertEquals((await server.finished()).code, code);
    assertEquals(server.stderr.at(-1), message);
  }));
});

/** Waits until the only session has so many frames. */
async function whenReceived(
  sessions: () => Promise<SessionSnapshot[]>,
  frames: number,
): Promise<SessionSnapshot> {
  return await until(async () => {
    const [session] = await sessions();
    return session && session.points.frames >= frames && session;
  }, { what: `${frames} frames`, within: 60_000 });
}

function trusted(server: ServerProcess, one: TestIdentity): Promise<boolean> {
  return handshake(server, one).then(() => true, () => false);
}

/** Makes a TLS connection, trusting one authority. */
async function handshake(
  { url }: ServerProcess,
  { ca }: TestIdentity,
  alpnProtocols: string[] = [],
): Promise<Deno.TlsHandshakeInfo> {
  using connection = await Deno.connectTls({
    hostname: "localhost",
    port: Number(new URL(url).port),
    caCerts: [ca],
    alpnProtocols,
  });
  return await connection.handshake();
}

/** By which names a server answers: DNS rebinding gives it others. */
import { connect } from "node:http2";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkListenOptions,
  LISTEN_OPTIONS,
} from "../../lib/cli/listen_options.ts";
import { parseOptions, UsageError } from "../../lib/cli/options.ts";
import { createLogger } from "../../lib/log.ts";
import { HostNames } from "../../lib/serving/host_names.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { testWith, until } from "../support.ts";
import { exchange } from "./support.ts";

const EVIL = "evil.example";

function detailFor(name: string): string {
  return `This server doesn't know itself as "${name}": start it with ` +
    `--host-name ${name}, or ask it by an address`;
}

async function listen(
  options: { hostNames?: string[]; tls?: { cert: string; key: string } } = {},
): Promise<PointServer> {
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  return PointServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "error" }),
    ...options,
  });
}

/** Asks over TCP; gives the status and the problem's detail. */
async function ask(
  port: number,
  target: string,
  field: string,
): Promise<[status: number, detail?: string]> {
  const answer = await exchange(
    port,
    `GET ${target} HTTP/1.1\r\n${field}Connection: close\r\n\r\n`,
  );
  const [, status] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
  const [, detail] = /"detail":("(?:[^"\\]|\\.)*")/.exec(answer) ?? [];
  return detail === undefined
    ? [Number(status)]
    : [Number(status), JSON.parse(detail)];
}

Deno.test("HostNames knows addresses, this machine and what it is told", () => {
  const names = new HostNames(
    ["Points.Example.com", "bücher.example"],
    "Robot7.lab.example",
  );
  for (
    const host of [
      ...["127.0.0.1", "192.0.2.7", "[::1]", "[2001:db8::1]"],
      ...["localhost", "localhost.", "viewer.localhost"],
      ...["robot7", "robot7.local", "robot7.lab.example"],
      ...["points.example.com", "points.example.com.", "xn--bcher-kva.example"],
    ]
  ) assert(names.has(host), host);
  for (
    const host of [
      ...["", ".", "evil.example", "localhost.evil.example", "notlocalhost"],
      ...["sub.points.example.com", "robot7.evil.example", "robot7.example"],
      ...["127.0.0.1.evil.example", "constructor", "__proto__"],
    ]
  ) assert(!names.has(host), host);
  assert(new HostNames(["*"]).has("evil.example"));
});

testWith([], "a name that leads elsewhere than it says is a 421", async () => {
  await using server = await listen({ hostNames: ["points.example.com"] });
  const { port } = server;
  const refused: [number, string] = [421, detailFor(EVIL)];
  for (
    const path of ["/", "/sessions", "/addresses", "/metrics", "/nothing"]
  ) {
    assertEquals(await ask(port, path, `Host: ${EVIL}:${port}\r\n`), refused);
  }
  // The target's own host is what counts (RFC 9112 section 3.2.2), and what
  // the field says is not believed either.
  const absolute = (host: string) => `http://${host}:${port}/sessions`;
  assertEquals(await ask(port, absolute(EVIL), "Host: localhost\r\n"), refused);
  assertEquals(
    await ask(port, absolute("localhost"), `Host: ${EVIL}\r\n`),
    refused,
  );
  assertEquals(await ask(port, "/sessions", `Host: user@${EVIL}\r\n`), refused);
  const long = `${"x".repeat(300)}.example`;
  const [status, detail] = await ask(port, "/sessions", `Host: ${long}\r\n`);
  assertEquals(status, 421);
  assert(detail!.length < 600, detail);

  for (
    const host of [
      ...["localhost", `localhost:${port}`, "LOCALHOST.", "127.0.0.1", "[::1]"],
      ...["192.0.2.9:1", "points.example.com", "Points.Example.COM:8443"],
    ]
  ) {
    assertEquals(await ask(port, "/sessions", `Host: ${host}\r\n`), [200]);
    assertEquals(
      await ask(port, `http://${host}/sessions`, `Host: ${host}\r\n`),
      [200],
    );
  }
  // No browser leaves it out.
  for (const field of ["", "Host:\r\n"]) {
    assertEquals(await ask(port, "/sessions", field), [200]);
  }
});

testWith([], "probes ask by any name", async () => {
  await using server = await listen();
  for (const path of ["/healthz", "/readyz"]) {
    assertEquals(await ask(server.port, path, `Host: ${EVIL}\r\n`), [200]);
  }
});

/** Asks over HTTP/2, whose name of the host is `:authority`. */
async function askByHttp2(
  port: number,
  ca: string[],
  authority: string,
): Promise<number> {
  const session = connect(`https://localhost:${port}`, { ca });
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({
        ":path": "/sessions",
        ":authority": authority,
      });
      stream.on("response", (head) => resolve(Number(head[":status"])));
      stream.on("error", reject);
      stream.resume();
      stream.end();
    });
  } finally {
    session.close();
  }
}

testWith(
  [],
  "a certificate's names are the server's, until another takes its place",
  async () => {
    const tls = await makeIdentity(["localhost", "*.robots.example"]);
    const next = await makeIdentity(["localhost", "next.example"]);
    await using server = await listen({ tls });
    const cas = [tls.ca, next.ca];
    const statusOf = (host: string) => askByHttp2(server.port, cas, host);
    assertEquals(await statusOf("a.robots.example"), 200);
    assertEquals(await statusOf("localhost"), 200);
    assertEquals(await statusOf("next.example"), 421);
    assertEquals(await statusOf("a.b.robots.example"), 421);

    server.replaceCertificate(next);
    // A connection that is made at that moment may be reset.
    const statusLater = (host: string) =>
      until(() => statusOf(host).catch(() => undefined), { what: host });
    assertEquals(await statusLater("next.example"), 200);
    assertEquals(await statusLater("a.robots.example"), 421);
  },
  { sanitizeOps: false, sanitizeResources: false },
);

Deno.test("--host-name is a name, or any", () => {
  const read = (...args: string[]) => {
    const options = parseOptions(args, LISTEN_OPTIONS)!;
    checkListenOptions(options);
    return options["host-name"];
  };
  assertEquals(read(), []);
  assertEquals(read("--host-name", "a.example,b", "--host-name", "*"), [
    ...["a.example", "b", "*"],
  ]);
  for (
    const name of [
      ...["https://a.example", "a.example:8080", "a/b", "a b", "[::1]", "a@b"],
      ...["*.example", "xn--\u{ffff}"],
    ]
  ) {
    assertThrows(
      () => read("--host-name", name),
      UsageError,
      `--host-name is a name such as points.example.com, or *, not "${name}"`,
    );
  }
});

/** The real client, and servers that mean its user no good. */
import { assertEquals, assertMatch } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { PointServer } from "../../lib/serving/point_server.ts";
import { type Process, startClient } from "../../tools/processes.ts";
import { testWith } from "../support.ts";

const log = createLogger({ write: () => {} });
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
/** Clears the screen, says something in the name of another, turns it round. */
const WORDS = "gone\x1b[2J\r\x9b1mroot#\u202e";
const SHOWN = "gone\\u001b[2J\\u000d\\u009b1mroot#\\u202e";
const UNSEEN = /[\p{Cc}\p{Cf}]/u;

/** All lines that a process said, none of which a terminal obeys. */
function said({ stderr }: Process): string[] {
  assertEquals(stderr.filter((line) => UNSEEN.test(line)), []);
  return stderr;
}

testWith([], "a refusal's words are shown escaped", async () => {
  await using http = Deno.serve(
    { ...LOOPBACK, onListen() {} },
    () => Response.json({ detail: WORDS }, { status: 400 }),
  );
  const url = `http://127.0.0.1:${http.addr.port}`;
  await using client = startClient({ url }, ["--media", "none"]);
  assertEquals((await client.finished()).code, 1);
  assertEquals(
    said(client).at(-1),
    `${url}/offer answered 400: ${SHOWN}`,
  );
});

testWith([], "a goodbye's words are shown escaped, in JSON too", async () => {
  const whole = Promise.withResolvers<void>();
  await using server = PointServer.listen({
    ...LOOPBACK,
    log,
    events: () => ({ onFrame: () => whole.resolve() }),
  });
  await using client = startClient(server, [
    ...["--media", "none", "--points", "100", "--reconnect-for", "0"],
    "--json",
  ]);
  await whole.promise;
  await server.close(WORDS);
  assertEquals((await client.finished()).code, 1);
  const stdout = (await client.stdout).trimEnd();
  assertEquals(UNSEEN.test(stdout), false, stdout);
  const { failure } = JSON.parse(stdout);
  assertMatch(failure, /^The server ended the session: gone\\u001b\[2J/);
  assertEquals(said(client).at(-1), failure);
});

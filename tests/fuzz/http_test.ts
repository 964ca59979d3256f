/** Requests byte for byte, to a server that listens. */
import { assert, assertEquals } from "@std/assert";
import { createAuthorize } from "../../lib/auth/authorize.ts";
import { knownToken } from "../../lib/auth/tokens.ts";
import { createLogger } from "../../lib/log.ts";
import { catchUncaught } from "./attack.ts";
import { exchange } from "./exchange.ts";
import { tryAll } from "./fuzz.ts";
import { anyRequest, writeRequest } from "./http.ts";
import { assertNoStack } from "./problems.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";

/** Longest line of the log that a request may cause, bytes. */
const MAX_LINE_BYTES = 1024;
/** Most lines that one may cause. */
const MAX_LINES = 2;

const UNLIMITED = { offersPerSecond: 1e6, eventStreamsPerAddress: 1e6 };

fuzzTest([], "requests over HTTP", async () => {
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const robot = knownToken("s3cret", { rights: { publish: "all" } }, "robot");
  const listen = { hostname: "127.0.0.1", port: 0, log, limits: UNLIMITED };
  await using open = PointServer.listen(listen);
  await using guarded = PointServer.listen({
    ...listen,
    authorize: createAuthorize({ tokens: () => [robot], open: [] }),
    cors: ["https://example.org"],
    trustProxy: "forwarded",
  });
  using uncaught = catchUncaught();
  const from = anyRequest;
  let answers = 0;
  await tryAll({ name: "http", from, inEach: 2 }, async (model) => {
    const request = writeRequest(model);
    for (const { port } of [open, guarded]) {
      lines.length = 0;
      const answer = await exchange({ hostname: "127.0.0.1", port }, request);
      if (answer !== undefined) {
        const { status, head, body } = answer;
        answers++;
        assert(status !== 500, `${status} ${body}`);
        // Bodies of others are the page's files.
        if (status >= 400) assertNoStack(body);
        assertEquals(/\r\nset-cookie:/i.test(head), false, head);
      }
      assert(lines.length <= MAX_LINES, lines.join("\n"));
      for (const line of lines) {
        const bytes = new TextEncoder().encode(line).length;
        assert(
          bytes <= MAX_LINE_BYTES,
          `a line of ${bytes} bytes: ${line.slice(0, 100)}`,
        );
      }
      if (uncaught.errors.length > 0) throw uncaught.errors.shift();
    }
  });
  const isReplay = fuzzSettings().replay !== undefined;
  assert(answers > 0 || isReplay, "none was answered");
  // It goes on as before.
  for (const { url } of [open, guarded]) {
    const response = await fetch(`${url}/healthz`);
    assertEquals(response.status, 200, await response.text());
  }
}, { sanitizeOps: false, sanitizeResources: false });

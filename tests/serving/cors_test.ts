import { assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { type HandlerUnderTest, startHandler } from "./support.ts";

const PAGE = "https://page.example";

async function headersOf(
  { request }: HandlerUnderTest,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<[status: number, cors: Record<string, string>]> {
  const response = await request(method, path, { headers });
  await response.body?.cancel();
  const cors = [...response.headers].filter(([name]) =>
    name.startsWith("access-control-") || name === "vary"
  );
  return [response.status, Object.fromEntries(cors)];
}

const PREFLIGHT = { "access-control-request-method": "POST" };
const ANSWER = {
  "access-control-allow-headers":
    "authorization, content-type, if-none-match, if-range, " +
    "pointwire-capture-time, range",
  "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
  "access-control-max-age": "600",
  vary: "Origin",
};
const EXPOSED = {
  "access-control-expose-headers":
    "Accept-Ranges, Content-Range, ETag, Link, Location, " +
    "Pointwire-Capture-Time, WWW-Authenticate",
  vary: "Origin",
};

testWith([], "without --cors no page of another origin comes in", async () => {
  await using server = await startHandler();
  const from = (origin: string, more = {}) => ({ origin, ...more });
  for (const origin of [PAGE, "null", "http://localhost:8080"]) {
    for (const path of ["/whip", "/offer"]) {
      assertEquals(
        await headersOf(server, "GET", "/sessions", from(origin)),
        [403, {}],
      );
      assertEquals(
        await headersOf(server, "OPTIONS", path, from(origin, PREFLIGHT)),
        [403, {}],
      );
    }
  }
});

testWith(
  [],
  "--cors lets the pages of an origin in, and no others",
  async () => {
    await using server = await startHandler({ cors: [PAGE] });
    const allowed = { "access-control-allow-origin": PAGE };
    const origin = PAGE;
    assertEquals(
      await headersOf(server, "OPTIONS", "/offer", { origin, ...PREFLIGHT }),
      [204, { ...allowed, ...ANSWER }],
    );
    assertEquals(
      await headersOf(server, "GET", "/sessions", { origin }),
      [200, { ...allowed, ...EXPOSED }],
    );
    // A refusal, too, is for the page to read.
    assertEquals(
      await headersOf(server, "GET", "/sessions/x", { origin }),
      [404, { ...allowed, ...EXPOSED }],
    );
    // To ask what a WHIP endpoint takes is no preflight.
    assertEquals(
      await headersOf(server, "OPTIONS", "/whip", { origin }),
      [204, { ...allowed, ...EXPOSED }],
    );
    const vary = { vary: "Origin" };
    for (const origin of ["https://page.example.org", "null"]) {
      assertEquals(
        await headersOf(server, "OPTIONS", "/offer", { origin, ...PREFLIGHT }),
        [403, vary],
      );
      assertEquals(
        await headersOf(server, "GET", "/sessions", { origin }),
        [403, vary],
      );
    }
    assertEquals(await headersOf(server, "GET", "/sessions", {}), [200, vary]);
  },
);

testWith([], "--cors * lets all pages in", async () => {
  await using server = await startHandler({ cors: ["*"] });
  assertEquals(
    await headersOf(server, "GET", "/sessions", { origin: PAGE }),
    [200, { "access-control-allow-origin": "*", ...EXPOSED }],
  );
});

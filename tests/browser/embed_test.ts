/** docs/examples/embed.html, in a real browser, from an origin of its own. */
import { assertEquals, assertGreater } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { ROOT, testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

const POINTS = 2_000;

/** Serves one page at `/`, on a free port. */
function servePage(html: string): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  return Deno.serve(
    options,
    (request) =>
      new URL(request.url).pathname === "/"
        ? new Response(html, { headers: { "content-type": "text/html" } })
        : new Response(null, { status: 204 }),
  );
}

testWith(
  ["chromium"],
  "embed.html draws points from above, and says that the session ended",
  async () => {
    await using server = await startServer(["--cors", "*"]);
    await using client = startClient(server, [
      ...["--source", "lidar", "--points", `${POINTS}`, "--codec", "f32"],
      ...["--media", "none", "--duration", "0"],
    ]);
    await server.waitForLog(
      "the connection",
      (line) => line.message === "session connected",
    );
    const html = await Deno.readTextFile(`${ROOT}docs/examples/embed.html`);
    await using http = servePage(html);
    await using browser = await startBrowser();
    const query = new URLSearchParams({ server: server.url });
    const url = `http://127.0.0.1:${http.addr.port}/?${query}`;
    await using tab = await browser.open(url);
    await tab.text("#status", /^frame \d+: 2000 points$/);
    const drawn = await tab.page.evaluate(() => {
      const canvas = document.querySelector("canvas")!;
      const { width, height } = canvas;
      const context = canvas.getContext("2d")!;
      const { data } = context.getImageData(0, 0, width, height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    });
    assertGreater(drawn, POINTS / 4);
    await client.stop("SIGINT");
    await tab.text("#status", /^the peer closed the connection$/);
    assertEquals(tab.errors, []);

    await tab.page.reload();
    await tab.text("#status", /^No session is live$/);
  },
);

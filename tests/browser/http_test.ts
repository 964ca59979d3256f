/** The page where WebRTC doesn't get through. */
import { assert, assertEquals } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startBrowser } from "./browser.ts";

testWith(
  ["chromium"],
  "without UDP the page watches by HTTP, and says so",
  async () => {
    await using server = await startServer();
    await using client = startClient(server, [
      ...["--source", "lidar", "--points", "5000", "--duration", "0"],
      ...["--media", "none", "--name", "robot"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open("about:blank");
    const { page } = viewer;
    await page.addInitScript(blockUdp);
    await page.goto(server.url);
    await viewer.text("#status", /^Live, points only, by HTTP/);
    await viewer.text("#points", /^5,000$/);
    await viewer.nextFrames(5);
    assert(viewer.requests.some((url) => url.endsWith("/points.npys")));
    assertEquals(viewer.errors, []);
    await client.stop("SIGINT");
    await viewer.text("#status", /^The session ended/);
    await until(async () => {
      const sessions = await (await fetch(`${server.url}/sessions`)).json();
      return sessions.length === 0;
    }, { what: "the end" });
  },
);

/** Has the page send through a TURN server alone, of which there is none. */
function blockUdp(): void {
  const Connection = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor() {
      super({ iceTransportPolicy: "relay" });
    }
  };
}

/** A server on a network of jumbo frames, and a page, which takes none. */
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

testWith(
  ["chromium"],
  "a page of a server that sends jumbo packets gets its points",
  async () => {
    await using server = await startServer(["--mtu", "9000"]);
    await using _client = startClient(server, [
      ...["--points", "20000", "--rate", "10", "--duration", "0"],
      ...["--media", "none"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    await viewer.nextFrames(5);
  },
);

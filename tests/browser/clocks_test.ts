import { assertLess, assertMatch } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { clockSetBy } from "../faketime.ts";
import { testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

testWith(
  ["chromium", "faketime"],
  "latency is right where a robot's clock is an hour ahead, and how exact it is",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--media", "none", "--points", "1000", "--rate", "10"],
      ...["--duration", "0"],
    ], { env: await clockSetBy("+1h") });
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    assertMatch(
      await viewer.text("#latency-unit", /±/),
      /^ms ± \d+$/,
    );
    const latency = Number(await viewer.text("#latency", /^\d+$/));
    assertLess(latency, 60_000);
  },
);

/** How far the picture and the points are apart, in a real browser. */
import { assertEquals, assertLess } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { ROOT, testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

/** No more than this, even on a machine that is busy; milliseconds. */
const SANE_MS = 10_000;

testWith(
  ["chromium", "ffmpeg"],
  "the page says how far each picture is behind the points",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--points", "2000", "--rate", "10", "--duration", "0"],
      ...["--media", `front=${ROOT}/tests/data/test.mp4`],
      ...["--media", "rear=test", "--video-size", "320x180"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    const said = /^\d+ ms (behind|ahead of) the points$/;
    for (const name of ["front", "rear"]) {
      const tile = `#videos figure:has(video[aria-label$="${name}"])`;
      const note = await viewer.text(`${tile} .note`, said);
      assertLess(parseInt(note), SANE_MS);
      const title = await page.locator(`${tile} .note`).getAttribute("title");
      assertEquals(title?.startsWith("picture "), true);
    }
    const skew = Number(await viewer.text("#skew", /^\d+$/));
    assertLess(skew, SANE_MS);
    await viewer.text("#skew-unit", /^ms (behind|ahead)$/);
    assertEquals(viewer.errors, []);
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "a live camera and the points of its moment reach the page within 100 ms",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--points", "2000", "--rate", "10", "--duration", "0"],
      ...["--media", "test", "--video-size", "320x180"],
    ]);
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    // The median of three seconds, once rates and queues have settled.
    const skew = await viewer.text("#skew", /^(\d\d?|100)$/);
    const way = await viewer.text("#skew-unit", /^ms (behind|ahead)$/);
    console.log(`the picture is ${skew} ${way}`);
    assertEquals(viewer.errors, []);
  },
);

/** Older clouds that stay drawn, in a real browser. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Page } from "playwright-core";
import { startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";
import { plateOf, standing } from "./moving.ts";
import { BLUE, coverOf, pictureOf, RUST } from "./pixels.ts";
import { publishStreams } from "./publish_clouds.ts";

/** Where a robot stands on a map, metres, and how far it goes a frame. */
const EAST = 500_000, NORTH = 5_400_000, STEP = 1.5;

/** Places that it goes round. */
const PLACES = 4;

async function seen({ page }: ViewerPage) {
  const picture = await pictureOf(page, "#cloud");
  return {
    moving: coverOf(picture, BLUE),
    standing: coverOf(picture, RUST),
  };
}

/** Counts the buffers that are made on the graphics card from now on. */
async function countBuffers(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { prototype } = WebGL2RenderingContext;
    const { createBuffer } = prototype;
    document.body.dataset.buffers = "0";
    prototype.createBuffer = function () {
      const { dataset } = document.body;
      dataset.buffers = String(Number(dataset.buffers) + 1);
      return createBuffer.call(this);
    };
  });
  return () => page.evaluate(() => Number(document.body.dataset.buffers));
}

testWith(
  ["chromium", "ffmpeg"],
  "clouds of a stream stay drawn where they were captured, as many as asked for",
  async () => {
    const [blue, rust] = [BLUE, RUST].map(plateOf);
    await using server = await startServer();
    await using _robot = publishStreams(server, {
      moving: (frame) =>
        standing(blue, [EAST + frame % PLACES * STEP, NORTH, 10]),
      standing: () => standing(rust, [EAST, NORTH + 2, 10]),
    });
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#streams-summary", /^2 streams$/);
    await page.locator("#streams-summary").press("Enter");
    const keep = page.getByLabel("Clouds kept of moving");
    await keep.selectOption("20 clouds");
    // All of them, so that no more buffers are to be made.
    await viewer.text("#points-kept", /^86,016 drawn/);
    // From here on the view stays as it is.
    for (const key of ["f", "-"]) await page.keyboard.press(key);
    await page.locator("#streams-summary").press("Enter");
    await viewer.nextFrames(4);
    const all = await seen(viewer);
    const made = await countBuffers(page);
    await viewer.nextFrames(16);
    assertEquals(await made(), 0, "buffers of clouds that went are used again");

    await page.locator("#streams-summary").press("Enter");
    await keep.selectOption("newest");
    await page.locator("#streams-summary").press("Enter");
    await viewer.text("#points-kept", /^8,192 drawn/);
    await viewer.nextFrames(4);
    const one = await seen(viewer);
    // A place is few pixels, of which some are half covered.
    assertGreater(one.moving, 10);
    assertGreater(all.moving, one.moving * 1.5);
    assertLess(all.moving, one.moving * PLACES * 2);
    assertGreater(one.standing, 10);
    assertLess(all.standing, one.standing * 2);

    // Kept ones change their colours with the newest.
    await page.locator("#streams-summary").press("Enter");
    await keep.selectOption("20 clouds");
    await viewer.text("#points-kept", /^(7\d|8\d),\d{3} drawn/);
    await page.getByLabel("Colour of moving").selectOption("stream");
    await page.locator("#streams-summary").press("Enter");
    await until(async () => (await seen(viewer)).moving === 0, {
      what: "no cloud in the colours that were chosen before",
    });
    assertEquals(viewer.errors, []);
  },
);

/** All sessions of a group in one scene, in a real browser. */
import { assertEquals, assertGreater } from "@std/assert";
import { startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";
import { plateOf, standing } from "./moving.ts";
import { BLUE, type Color, coverOf, pictureOf, RUST } from "./pixels.ts";
import { publishStreams } from "./publish_clouds.ts";

/** One of a robot's computers, with a sensor of one colour. */
function startPart(server: { url: string }, name: string, color: Color) {
  const cloud = plateOf(color);
  const x = color === BLUE ? 2 : 0;
  return publishStreams(
    server,
    { lidar: () => standing(cloud, [x, 0, 0]) },
    { name },
  );
}

testWith(
  ["chromium", "ffmpeg"],
  "all sessions of a group are in one scene, as they come and go",
  async () => {
    await using server = await startServer();
    await using _arm = startPart(server, "robot-7/arm", RUST);
    await using _other = startPart(server, "robot-8", BLUE);
    await using browser = await startBrowser();
    await using viewer = await browser.open(`${server.url}/?watch=robot-7/`);
    const { page } = viewer;
    await viewer.text("#status", /^Live, 1 session$/);
    await viewer.text("#streams-list", /robot-7\/arm \/ lidar/);
    await viewer.text("#streams-summary", /^1 stream$/);
    await viewer.text("#sessions option:checked", /^robot-7\/ · 1 session$/);
    {
      await using _base = startPart(server, "robot-7/base", BLUE);
      await viewer.text("#status", /^Live, 2 sessions$/);
      await viewer.text("#streams-list", /robot-7\/base \/ lidar/);
      await viewer.nextFrames(8);
      await page.keyboard.press("f");
      await viewer.nextFrames(4);
      const picture = await pictureOf(page, "#cloud");
      assertGreater(coverOf(picture, RUST), 20);
      assertGreater(coverOf(picture, BLUE), 20);

      // The list is a tree, whose groups can be chosen.
      const list = page.locator("#sessions");
      assertEquals(await list.inputValue(), "robot-7/");
      assertEquals(
        await list.locator("option").evaluateAll((options) =>
          options.map((option) => (option as HTMLOptionElement).value)
        ),
        ["robot-7/", "robot-7/arm", "robot-7/base", "robot-8"],
      );
      await list.selectOption("robot-7/base");
      await viewer.text("#streams-list", /^\s*lidar/);
      assertEquals(new URL(page.url()).search, "?watch=robot-7/base");
      await list.selectOption("robot-7/");
      assertEquals(new URL(page.url()).search, "?watch=robot-7/");
      await viewer.text("#status", /^Live, 2 sessions$/);
    }
    await viewer.text("#status", /^Live, 1 session$/);
    await viewer.text("#streams-summary", /^1 stream$/);
    // A session that ends may be tried once more before that is told.
    const errors = viewer.errors.filter((text) => !text.includes("404"));
    assertEquals(errors, []);
  },
);

/** Several videos of a session, in a real browser. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { ROOT, testWith } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";

/** A robot with these cameras, each a file or a pattern. */
function startCameras(server: { url: string }, cameras: string[]) {
  return startClient(server, [
    ...["--name", "robot-7", "--points", "2000", "--rate", "5"],
    ...["--duration", "0", "--json"],
    ...cameras.flatMap((camera) => ["--media", camera, ...SMALL]),
  ]);
}

/** Pictures that cost little to encode. */
const SMALL = ["--video-size", "320x180", "--video-fps", "10"];

const FRONT = `front=${ROOT}/tests/data/test.mp4`;
const REAR = "rear=test";

/** Waits until these pictures are shown, and gives what each is. */
async function shown({ page }: ViewerPage, names: string[]) {
  await page.waitForFunction(
    (names) => {
      const seen = [...document.querySelectorAll("#videos figure")]
        .filter((figure) => figure.checkVisibility())
        .map((figure) => figure.querySelector(".name")?.textContent);
      return seen.join() === names;
    },
    names.join(),
    { polling: 100, timeout: 60_000 },
  );
  return await page.locator("#videos figure").evaluateAll((figures) =>
    figures.filter((figure) => figure.checkVisibility()).map((figure) => {
      const video = figure.querySelector("video")!;
      const { width, height } = video.getBoundingClientRect();
      const { videoWidth, videoHeight } = video;
      return { size: [videoWidth, videoHeight], shape: width / height };
    })
  );
}

testWith(
  ["chromium", "ffmpeg"],
  "each camera of a robot has a tile with its name, and is hidden by itself",
  async () => {
    await using server = await startServer();
    await using browser = await startBrowser();
    await using viewer = await browser.open(`${server.url}/?watch=robot-7`);
    const { page } = viewer;
    {
      await using _client = startCameras(server, [FRONT, REAR]);
      const [front, rear] = await shown(viewer, ["front", "rear"]);
      assertEquals(front.size, [320, 240]);
      assertEquals(rear.size[0] / rear.size[1], 16 / 9);
      assertLess(Math.abs(front.shape - 4 / 3), 0.02);
      assertLess(Math.abs(rear.shape - 16 / 9), 0.02);

      // With the keys alone.
      const hide = page.getByRole("button", { name: "Hide the video: front" });
      await hide.press("Enter");
      await shown(viewer, ["rear"]);
      const show = page.locator("#hidden-videos").getByText("front");
      assert(await show.isVisible());
      await page.locator("#cloud").press("v");
      await shown(viewer, []);
      await page.locator("#cloud").press("v");
      await shown(viewer, ["front", "rear"]);
      await page.getByRole("button", { name: "Hide the video: rear" }).click();
      await shown(viewer, ["front"]);
    }

    // Another set of cameras, as the robot starts again: what was hidden stays
    // so, and what is gone goes.
    await using _again = startCameras(server, [
      REAR,
      FRONT,
      `left=${ROOT}/tests/data/test.mp4`,
    ]);
    await shown(viewer, ["front", "left"]);
    await page.locator("#hidden-videos").getByText("rear").click();
    await shown(viewer, ["front", "rear", "left"]);
    assertEquals(viewer.errors, []);
  },
);

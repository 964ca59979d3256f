/** A camera that goes along with a robot, in a real browser. */
import { assertGreater, assertLess } from "@std/assert";
import { startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";
import { plateOf, standing } from "./moving.ts";
import { BLUE, pictureOf, pixelsOf, RUST } from "./pixels.ts";
import { publishStreams } from "./publish_clouds.ts";

/** Metres that the robot goes a frame. */
const STEP = 0.02;

/** Where the robot and what stands are seen, pixels. */
async function seen({ page }: ViewerPage) {
  const picture = await pictureOf(page, "#cloud");
  return {
    robot: pixelsOf(picture, BLUE),
    standing: pixelsOf(picture, RUST),
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

testWith(
  ["chromium", "ffmpeg"],
  "the camera follows a stream's frame, and can be turned meanwhile",
  async () => {
    const [blue, rust] = [BLUE, RUST].map(plateOf);
    await using server = await startServer();
    await using _robot = publishStreams(server, {
      robot: (frame) => standing(blue, [frame * STEP, 0, 0]),
      mark: () => standing(rust, [2, 2, 0]),
    });
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#streams-summary", /^2 streams$/);
    const fold = () => page.locator("#streams-summary").press("Enter");
    await fold();
    await page.getByLabel("Follow").selectOption("robot");
    await fold();
    await viewer.nextFrames(8);
    // From here on nothing is fitted, and all stays in the picture.
    for (const key of ["f", "-", "-", "-", "-"]) await page.keyboard.press(key);
    await viewer.nextFrames(8);

    const before = await seen(viewer);
    await viewer.nextFrames(30);
    const after = await seen(viewer);
    assertGreater(before.robot.count, 50);
    // How many pixels that are is by when the view was fitted.
    assertGreater(distance(before.standing, after.standing), 12);
    assertLess(distance(before.robot, after.robot), 8);

    // The pointer turns the view about what is followed.
    const middle = { x: 512, y: 300 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + 120, middle.y, { steps: 6 });
    await page.mouse.up();
    await viewer.nextFrames(10);
    const turned = await seen(viewer);
    await viewer.nextFrames(20);
    const later = await seen(viewer);
    const way = (a: typeof after) => ({
      x: a.standing.x - a.robot.x,
      y: a.standing.y - a.robot.y,
    });
    assertGreater(distance(way(after), way(turned)), 20);
    assertLess(distance(turned.robot, later.robot), 8);

    // Nothing is followed any more.
    await fold();
    await page.getByLabel("Follow").selectOption("nothing");
    await fold();
    const left = await seen(viewer);
    await viewer.nextFrames(30);
    const gone = await seen(viewer);
    assertLess(distance(left.standing, gone.standing), 4);
    assertGreater(distance(left.robot, gone.robot), 12);
  },
);

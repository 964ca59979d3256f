/** Several streams in one scene, in a real browser: each in its place. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
} from "@std/assert";
import { encodeFile } from "../../lib/points/mod.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith } from "../support.ts";
import { makeCloud } from "../viewer/make_cloud.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";
import {
  bitsOf,
  BLUE,
  type Color,
  pictureOf,
  pixelsOf,
  RUST,
} from "./pixels.ts";

/** Where a robot stands on a map, metres. */
const EAST = 500_000, NORTH = 5_400_000;

/** Points along a side of what a sensor sees. */
const SIDE = 60;

/** Two sensors of one colour each, 8 m apart, on a robot on a map. */
async function startRobot(server: { url: string }, args: string[] = []) {
  const folder = await Deno.makeTempDir();
  const colors = { front: BLUE, rear: RUST };
  for (const [name, color] of Object.entries(colors)) {
    await Deno.mkdir(`${folder}/${name}`);
    const bytes = encodeFile("wall.ply", wallOf(color));
    await Deno.writeFile(`${folder}/${name}/wall.ply`, bytes);
  }
  const client = startClient(server, [
    ...["--name", "robot-7", "--media", "none", "--json", "--rate", "5"],
    ...["--loop", "--parent", "map", "--duration", "0", ...args],
    ...["--source", `front=${folder}/front`],
    ...["--pose", `${EAST + 4},${NORTH},100`],
    ...["--source", `rear=${folder}/rear`],
    // It looks the other way.
    ...["--pose", `${EAST - 4},${NORTH},100,0,0,180`],
  ]);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A wall of 3 m before its sensor, from 1 m on, of one colour. */
function wallOf(color: Color) {
  return makeCloud("x,y,z,rgb:u4", SIDE * SIDE, (name, i) => {
    const column = i % SIDE, row = Math.floor(i / SIDE);
    const place = { x: 1 + column / 20, y: row / 20 - 1.5, z: 0 };
    return name === "rgb" ? bitsOf(color) : place[name as "x"];
  });
}

/** Where each sensor's points are seen. */
async function seen({ page }: ViewerPage) {
  const picture = await pictureOf(page, "#cloud");
  const [front, rear] = [BLUE, RUST].map((c) => pixelsOf(picture, c));
  return { front, rear };
}

testWith(
  ["chromium", "ffmpeg"],
  "two sensors of a robot are in one scene, each where it stands",
  async () => {
    await using server = await startServer();
    await using _robot = await startRobot(server);
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#status", /live/i);
    await viewer.nextFrames(6);
    await viewer.text("#scale", /from 500,000, 5,400,000, 100$/);

    await page.keyboard.press("f");
    await viewer.nextFrames(2);
    const { front, rear } = await seen(viewer);
    assertGreater(front.count, 500);
    assertGreater(rear.count, 500);
    assertGreater(Math.hypot(front.x - rear.x, front.y - rear.y), 100);

    // What is picked says whose it is, and how far it is to the other.
    await page.mouse.click(front.x, front.y);
    const text = await viewer.text("#picked-values", /stream/);
    assert(text.includes("streamfront"), text);
    // The panel lies over a part of it by now.
    const { rear: free } = await seen(viewer);
    await page.mouse.click(free.x, free.y);
    await viewer.text("#picked-values", /frontrear/);
    const rows = await picked(viewer);
    const [a, b] = [0, 1].map((which) =>
      ["x", "y", "z"].map((name) => rows[`${name} in map`][which])
    );
    const [ownA, ownB] = [0, 1].map((which) =>
      ["x", "y", "z"].map((name) => rows[name][which])
    );
    // The front one stands straight, the rear one is turned by half a turn.
    assertAlmostEquals(a[0], EAST + 4 + ownA[0], 0.0011);
    assertAlmostEquals(a[1], NORTH + ownA[1], 0.0011);
    assertAlmostEquals(b[0], EAST - 4 - ownB[0], 0.0011);
    assertAlmostEquals(b[1], NORTH - ownB[1], 0.0011);
    const distance = await viewer.text("#picked-distance", /m apart/);
    assertAlmostEquals(
      parseFloat(distance),
      Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]),
      0.003,
    );
    assertEquals(viewer.errors, []);
  },
);

/** The same, while the panel of the streams is folded. */
async function seenWithoutPanel(viewer: ViewerPage) {
  const summary = viewer.page.locator("#streams-summary");
  await summary.press("Enter");
  await viewer.nextFrames(4);
  const found = await seen(viewer);
  await summary.press("Enter");
  return found;
}

/** The table of what was picked, numbers by the name of their line. */
async function picked({ page }: ViewerPage): Promise<Record<string, number[]>> {
  const lines = await page.locator("#picked-values tr").evaluateAll((lines) =>
    lines.map((line) => [...line.children].map((cell) => cell.textContent))
  );
  return Object.fromEntries(lines.map(([name, ...values]) => [
    name,
    values.map((value) => parseFloat(value!.replace("−", "-"))),
  ]));
}

testWith(
  ["chromium", "ffmpeg"],
  "each stream is shown, hidden, coloured and sized by itself",
  async () => {
    await using server = await startServer();
    await using _robot = await startRobot(server);
    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    await viewer.text("#streams-summary", /^2 streams$/);
    await page.locator("#streams-summary").press("Enter");
    await viewer.nextFrames(6);
    const text = await viewer.text("#streams-list", /front.*Hz.*rear.*Hz/);
    assert(text.includes("front in map"), text);
    assert(text.includes("rear in map"), text);

    // With the keys alone.
    const shown = page.getByRole("checkbox", { name: "rear" });
    await shown.press("Space");
    await viewer.text("#streams-summary", /^2 streams, 1 hidden$/);
    const hidden = await seenWithoutPanel(viewer);
    assertGreater(hidden.front.count, 300);
    assertEquals(hidden.rear.count, 0);
    await shown.press("Space");
    await viewer.text("#streams-summary", /^2 streams$/);

    // One in a colour of its own, the other as it was; then larger.
    await page.getByLabel("Colour of front").selectOption("stream");
    const colored = await seenWithoutPanel(viewer);
    assertEquals(colored.front.count, 0);
    assertGreater(colored.rear.count, 300);
    await page.getByLabel("Point size of rear").selectOption("8");
    const sized = await seenWithoutPanel(viewer);
    assertGreater(sized.rear.count, colored.rear.count * 1.2);
    assertEquals(viewer.errors, []);
  },
);

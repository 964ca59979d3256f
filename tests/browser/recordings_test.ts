/** A recording that the page plays: of a real client, by a real server. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertMatch,
} from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { pointCloud } from "../../lib/points/cloud.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { openMcap } from "../../lib/sources/bags/mcap/open_mcap.ts";
import { knownTopic } from "../../lib/sources/bags/topics.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { temporaryFolder, testWith, until } from "../support.ts";
import { frameOf, type Picture } from "./pixels.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";

/** Clouds that are recorded, and how many a second. */
const CLOUDS = 40;
const RATE = 5;
/** Points of the other stream. */
const OTHERS = 500;

/** Points of the cloud of that number: each has another count. */
const pointsOf = (cloud: number) => 1000 + 100 * cloud;

/** Writes scans that can be told apart by how many points they have. */
async function writeScans(folder: string): Promise<void> {
  for (let i = 0; i < CLOUDS; i++) {
    const values = new Float32Array(3 * pointsOf(i));
    for (let k = 0; k < values.length; k++) values[k] = Math.sin(k * 7);
    const cloud = pointCloud(values);
    const path = `${folder}/scan-${String(i).padStart(3, "0")}.npy`;
    await Deno.writeFile(path, encodeFile("scan.npy", cloud));
  }
}

/** What is in a recording: when each cloud was captured, and its points. */
async function cloudsIn(path: string) {
  const log = createLogger({ write: () => {} });
  using bag = await openMcap(path, { name: path, log });
  const front = bag.topics.find(({ name }) => name === "/front")!;
  const topic = knownTopic(front)!;
  const clouds: { at: number; points: number }[] = [];
  for await (
    const { data } of bag.messages({
      topics: new Set([front]),
      from: -Infinity,
    })
  ) {
    const message = topic.read(data);
    assert(message.kind === "cloud");
    const at = message.stamp - bag.start;
    clouds.push({ at, points: message.cloud.points });
  }
  return clouds;
}

const position = ({ page }: ViewerPage) =>
  page.locator("#position").evaluate((slider) =>
    (slider as HTMLInputElement).valueAsNumber
  );

async function seek({ page }: ViewerPage, to: number): Promise<void> {
  await page.locator("#position").evaluate((slider, to) => {
    (slider as HTMLInputElement).valueAsNumber = to;
    slider.dispatchEvent(new Event("input"));
  }, to);
}

function isSame(a: Picture, b: Picture): boolean {
  return a.rgb.length === b.rgb.length &&
    a.rgb.every((value, i) => value === b.rgb[i]);
}

testWith(
  ["chromium", "ffmpeg"],
  "a recording is listed, played, paused, sought and opened again",
  async () => {
    await using folder = await temporaryFolder();
    const scans = `${folder.path}/scans`;
    const records = `${folder.path}/recordings`;
    await Deno.mkdir(scans);
    await writeScans(scans);
    await using server = await startServer(
      ["--record", records, "--host", "127.0.0.1"],
      [`--allow-write=${records}`],
    );
    await using client = startClient(server, [
      ...["--source", `front=${scans}`, "--rate", `${RATE}`],
      ...["--source", "rear=random", "--rate", `${RATE}`],
      ...["--points", `${OTHERS}`, "--name", "lab/robot"],
      ...["--media", "test", "--video-size", "320x180"],
    ]);
    const { file } = await server.waitForLog(
      "a whole recording",
      ({ message, file }) =>
        message === "recorded" && `${file}`.endsWith(".mcap"),
    );
    await client.stop("SIGINT");
    const clouds = await cloudsIn(`${file}`);

    await using browser = await startBrowser();
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    const listed = page.locator("optgroup[label=Recordings] option");
    await listed.waitFor({ state: "attached" });
    assertMatch(await listed.textContent() ?? "", /^lab\/robot · .* · 0:\d\d$/);
    await page.selectOption("#sessions", await listed.getAttribute("value"));
    await viewer.text("#status", /^Recording$/);
    await viewer.text("#streams-summary", /2 streams/);
    await viewer.nextFrames(4);
    await page.waitForFunction(() =>
      document.querySelector("video")?.videoWidth === 320
    );

    await page.keyboard.press(" ");
    await viewer.text("#status", /^Recording, paused$/);
    const picture = await until(async () => {
      const [first, at] = [
        await frameOf(page, "video"),
        await position(viewer),
      ];
      await page.waitForTimeout(500);
      const stands = at === await position(viewer) &&
        isSame(first, await frameOf(page, "video"));
      return stands && at > 0 && first;
    }, { what: "a picture that stands" });

    // Ahead and back: the newest cloud of that moment is seen.
    for (const number of [35, 5, 20]) {
      const { at, points } = clouds[number];
      await seek(viewer, at + 20);
      const shown = (points + OTHERS).toLocaleString("en");
      await viewer.text("#points", new RegExp(`^${shown}$`));
    }
    await until(
      async () => !isSame(picture, await frameOf(page, "video")),
      { what: "another picture" },
    );
    const { at } = clouds[20];
    await page.locator("#position").press("ArrowLeft");
    assertAlmostEquals(await position(viewer), Math.max(0, at - 4980), 200);
    await page.locator("body").press("ArrowRight");
    await viewer.text("#status", /^Recording, paused$/);

    await seek(viewer, 500);
    await page.selectOption("#speed", "8");
    await page.locator("body").press(" ");
    const began = performance.now();
    await viewer.text("#status", /^The recording’s end$/);
    const end = await position(viewer);
    assertGreater(end - 500, 1.5 * (performance.now() - began));
    await page.locator("body").press(" ");
    await viewer.text("#status", /^Recording$/);

    assertMatch(page.url(), /\/\?recording=lab_robot-\w+\.mcap$/);
    await page.reload();
    await viewer.text("#status", /^Recording$/);
    await viewer.nextFrames(2);
    assertEquals(
      await page.locator("#sessions").inputValue(),
      await listed.getAttribute("value"),
    );

    // As the server was killed: without an index, and cut off.
    const cut = "cut-20261130T010203Z.mcap";
    const bytes = await Deno.readFile(`${file}`);
    const most = bytes.subarray(0, bytes.length * 0.7);
    await Deno.writeFile(`${records}/${cut}`, most);
    await page.goto(`${server.url}/?recording=${cut}`);
    await viewer.text("#status", /^Recording$/);
    await viewer.nextFrames(2);
    assertEquals(viewer.errors, []);
  },
);

testWith(["chromium"], "a recording that isn't there is named", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(
    ["--record", folder.path, "--host", "127.0.0.1"],
    [`--allow-write=${folder.path}`],
  );
  await using browser = await startBrowser();
  await using viewer = await browser.open(
    `${server.url}/?recording=gone-20261130T010203Z.mcap`,
  );
  await viewer.text(
    "#status",
    /^The recording can’t be played: There is no recording gone-/,
  );
});

/**
 * `deno task screenshots [SCAN]`: takes the README's pictures of the page: the
 * synthetic scan and the synthetic depth camera on a desktop, and a scan from a
 * file (the synthetic one where none is named) on a phone.
 *
 * @module
 */
import { launchChromium, SOFTWARE_RENDERING } from "./chromium.ts";
import { startClient, startServer } from "./processes.ts";

interface Picture {
  file: string;
  source: string;
  width: number;
  height: number;
  /** Pixels of the picture for one of CSS. */
  scale: number;
  colorScheme: "dark" | "light";
  /** What the points are coloured by, where it isn't what the page chooses. */
  color?: string;
  /** Where it is clicked, shares of the width and of the height. */
  clicks?: [x: number, y: number][];
}

const [scan = "lidar"] = Deno.args;

const PICTURES: Picture[] = [{
  file: "docs/page.png",
  source: "lidar",
  width: 1280,
  height: 760,
  scale: 1,
  colorScheme: "dark",
  color: "height",
}, {
  file: "docs/page-color.png",
  source: "rgbd",
  width: 1280,
  height: 760,
  scale: 1,
  colorScheme: "dark",
  clicks: [[0.5, 0.5], [0.52, 0.44]],
}, {
  file: "docs/page-phone.png",
  source: scan,
  width: 390,
  height: 760,
  scale: 2,
  colorScheme: "light",
  color: "distance",
}];

/** A page has settled after so many clouds. */
const FRAMES = 24;

/** A point that is clicked has told its values after so long. */
const CLICK_MS = 1_000;

await using browser = await launchChromium(SOFTWARE_RENDERING);
for (const picture of PICTURES) {
  await take(picture);
  console.log(`Wrote ${picture.file}.`);
}

async function take(picture: Picture): Promise<void> {
  const { file, source, width, height, scale, colorScheme } = picture;
  await using server = await startServer();
  await using _client = startClient(server, [
    ...["--source", source, "--duration", "0"],
  ]);
  const page = await browser.newPage({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme,
  });
  await page.goto(server.url);
  if (picture.color !== undefined) {
    await page.locator("#color").selectOption(picture.color);
  }
  const html = page.locator("html");
  while (Number(await html.getAttribute("data-frames")) < FRAMES) {
    await page.waitForTimeout(100);
  }
  for (const [x, y] of picture.clicks ?? []) {
    await page.mouse.click(x * width, y * height);
    await page.waitForTimeout(CLICK_MS);
  }
  await page.screenshot({ path: file });
  await page.close();
}

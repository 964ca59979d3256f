/** Colours, fields and points that are clicked, in a real browser. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
} from "@std/assert";
import type { PointCloud } from "../../lib/points/cloud.ts";
import { startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { makeCloud, makeSquare } from "../viewer/make_cloud.ts";
import {
  PHONE,
  startBrowser,
  type ViewerPage,
  type WindowSize,
} from "./browser.ts";
import {
  bitsOf,
  BLUE,
  difference,
  type Picture,
  pictureOf,
  pixelsOf,
  RUST,
} from "./pixels.ts";
import { publishClouds } from "./publish_clouds.ts";

/** Publishes a cloud, and shows it in a page. */
async function withPage(
  next: (frame: number) => PointCloud,
  body: (viewer: ViewerPage) => Promise<void>,
  size?: WindowSize,
): Promise<void> {
  await using server = await startServer();
  await using _publishing = publishClouds(server, next);
  await using browser = await startBrowser();
  await using viewer = await browser.open(server.url, size);
  await viewer.nextFrames(3);
  await viewer.page.locator("#point-size").evaluate((input) => {
    (input as HTMLInputElement).value = "8";
    input.dispatchEvent(new Event("input"));
  });
  await viewer.nextFrames(2);
  await body(viewer);
  assertEquals(viewer.errors, []);
}

/** Chooses what points are coloured by, and waits until they are. */
async function colorBy(viewer: ViewerPage, choice: string): Promise<void> {
  await chooseColor(viewer, choice);
  // One may have been coloured before.
  await viewer.nextFrames(2);
}

async function chooseColor({ page }: ViewerPage, choice: string) {
  await page.waitForFunction(
    (choice) =>
      [...document.querySelectorAll<HTMLOptionElement>("#color option")]
        .some(({ value }) => value === choice),
    choice,
  );
  await page.locator("#color").selectOption(choice);
}

/** Waits until what the page was told to draw is drawn. */
async function drawn({ page }: ViewerPage): Promise<void> {
  await page.evaluate(() =>
    new Promise<unknown>((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(resolve))
    )
  );
}

testWith(
  ["chromium", "ffmpeg"],
  "a cloud with colours is shown in them, to the bit",
  async () => {
    // A colour's bits in a float32 would be a NaN or far too small a number.
    const next = () =>
      makeSquare(
        "x,y,z,ring:u2,rgb:u4",
        120,
        (name, column) =>
          name === "rgb" ? bitsOf(column < 60 ? BLUE : RUST) : 3,
      );
    await withPage(next, async (viewer) => {
      assertEquals(await viewer.page.locator("#color").inputValue(), "rgb");
      const picture = await pictureOf(viewer.page, "#cloud");
      const pixels = picture.width * picture.height;
      const [blue, rust] = [BLUE, RUST].map((c) => pixelsOf(picture, c));
      assertGreater(blue.count, pixels * 0.05);
      assertGreater(rust.count, pixels * 0.05);
      // Nothing of the square has another colour.
      await colorBy(viewer, "plain");
      const plain = await pictureOf(viewer.page, "#cloud");
      assertEquals(pixelsOf(plain, BLUE).count, 0);
      const square = difference(picture, plain) * pixels;
      assertAlmostEquals(square, blue.count + rust.count, pixels * 0.005);
    });
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "another field colours the cloud that is shown, while it is paused too",
  async () => {
    const next = () =>
      makeSquare(
        "x,y,z,across:f8,along:u2",
        100,
        (name, column, row) => name === "across" ? 1.7e9 + column / 1e4 : row,
      );
    await withPage(next, async (viewer) => {
      const { page } = viewer;
      await page.locator("#pause").click();
      await page.waitForTimeout(1_000);
      const frames = await viewer.frames();
      await chooseColor(viewer, "field:across");
      await viewer.text("#range-high", /^\+0\.0096$/);
      await drawn(viewer);
      const across = await pictureOf(page, "#cloud");
      // A ramp of which float32 alone would show one colour.
      assertGreater(colorsOf(across), 40);
      await chooseColor(viewer, "field:along");
      await viewer.text("#range-high", /^\d/);
      await drawn(viewer);
      const along = await pictureOf(page, "#cloud");
      assertGreater(difference(across, along), 0.05);
      assertEquals(await viewer.frames(), frames);
    });
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "classes have a colour each, and a legend that names them",
  async () => {
    const next = () =>
      makeSquare(
        "x,y,z,classification:u1",
        100,
        (_, column) => column < 50 ? 2 : 6,
      );
    await withPage(next, async (viewer) => {
      await colorBy(viewer, "field:classification");
      const entries = viewer.page.locator("#categories-list li");
      assertEquals(await entries.allTextContents(), ["2 Ground", "6 Building"]);
      const picture = await pictureOf(viewer.page, "#cloud");
      for (const entry of await entries.all()) {
        const css = await entry.locator("i").evaluate((swatch) =>
          getComputedStyle(swatch).backgroundColor
        );
        const [red, green, blue] = css.match(/\d+/g)!.map(Number);
        const { count } = pixelsOf(picture, [red, green, blue]);
        assertGreater(count, 5_000, css);
      }
      await colorBy(viewer, "height");
      assert(await viewer.page.locator("#categories").isHidden());
    });
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "colours that change twice before a picture is drawn harm nothing",
  async () => {
    const next = () => makeSquare("x,y,z,classification:u1", 100, () => 2);
    await withPage(next, async (viewer) => {
      const { page } = viewer;
      const legend = page.locator("#categories");
      await colorBy(viewer, "field:classification");
      await colorBy(viewer, "height");
      await page.evaluate(() => {
        const draw = globalThis.requestAnimationFrame;
        const held: FrameRequestCallback[] = [];
        globalThis.requestAnimationFrame = (callback) => held.push(callback);
        document.addEventListener("draw-again", () => {
          globalThis.requestAnimationFrame = draw;
          for (const callback of held) draw(callback);
        }, { once: true });
      });
      await page.locator("#color").selectOption("field:classification");
      await legend.waitFor({ state: "visible" });
      await page.locator("#color").selectOption("height");
      await legend.waitFor({ state: "hidden" });
      await page.evaluate(() =>
        document.dispatchEvent(new Event("draw-again"))
      );
      await viewer.nextFrames(2);
    });
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "points on a map stand sharp and still, and tell what they are",
  async () => {
    const stamp = 1_700_000_000_123_456_789n;
    // Two points 1 cm apart, and a third one that wanders beside them.
    const next = (frame: number) =>
      makeCloud("x:f8,y:f8,z:f8,stamp:u8,rgb:u4", 3, (name, i) => {
        const wander = i === 2 ? (frame % 5) / 500 : 0;
        switch (name) {
          case "x":
            return 500_000.25 + (i === 1 ? 0.01 : 0);
          case "y":
            return 5_400_000.5 + (i === 2 ? 0.01 : 0);
          case "z":
            return 123.004 + wander;
          case "stamp":
            return stamp + BigInt(i);
        }
        return bitsOf([RUST, BLUE, [90, 90, 90] as const][i]);
      });
    await withPage(next, async (viewer) => {
      const { page } = viewer;
      const look = async () => {
        const picture = await pictureOf(page, "#cloud");
        await viewer.nextFrames(1);
        return [RUST, BLUE].map((color) => pixelsOf(picture, color));
      };
      // The page arranges itself once its readings are there.
      await viewer.text("#latency", /\d/);
      await viewer.nextFrames(4);
      let last = await look();
      await until(async () => {
        const before = last;
        last = await look();
        return JSON.stringify(before) === JSON.stringify(last) || undefined;
      }, { what: "a view that stands", within: 60_000 });
      const seen = [last];
      while (seen.length < 4) seen.push(await look());
      const [[a, b]] = seen;
      assertGreater(a.count, 20);
      assertGreater(Math.hypot(a.x - b.x, a.y - b.y), 100);
      for (const places of seen) {
        assertEquals(places, seen[0], "nothing moves");
      }

      await page.mouse.click(a.x, a.y);
      await viewer.text("#picked-values", /colour#c8280b/);
      const text = await viewer.text("#picked-values", /stamp/);
      assert(text.includes("x500000.250"), text);
      assert(text.includes("y5400000.500"), text);
      assert(text.includes("z123.004"), text);
      assert(text.includes(`stamp${stamp}`), text);
      const ring = await page.locator(".picked-ring").first().boundingBox();
      assertLess(Math.abs(ring!.x + ring!.width / 2 - a.x), 2);

      await page.mouse.click(b.x, b.y);
      await viewer.text("#picked-distance", /^0\.010 m apart/);
      await page.keyboard.press("Escape");
      assert(await page.locator("#picked").isHidden());

      // The end of a drag picks nothing.
      await page.mouse.move(a.x, a.y);
      await page.mouse.down();
      await page.mouse.move(a.x + 60, a.y, { steps: 4 });
      await page.mouse.up();
      await page.waitForTimeout(500);
      assert(await page.locator("#picked").isHidden());
    });
  },
);

testWith(
  ["chromium", "ffmpeg"],
  "on a phone, a tap beside a point of sixty fields shows them, and all fits",
  async () => {
    const names = Array.from({ length: 60 }, (_, i) => `feature_number_${i}`);
    const corners = [[0, 0], [3, 3], [-3, 3], [3, -3], [-3, -3]];
    const valueOf = (name: string, i: number) => {
      if (name === "rgb") return bitsOf(i === 0 ? RUST : BLUE);
      return name.length === 1 ? corners[i]["xy".indexOf(name)] ?? 0 : i / 7;
    };
    const fields = `x,y,z,rgb:u4,${names.join(",")}`;
    const next = () => makeCloud(fields, corners.length, valueOf);
    await withPage(next, async (viewer) => {
      const { page } = viewer;
      const { x, y } = pixelsOf(await pictureOf(page, "#cloud"), RUST);
      await page.touchscreen.tap(x + 18, y);
      await viewer.text("#picked-values", /colour#c8280b.*feature_number_59/);
      await colorBy(viewer, "field:feature_number_59");
      const boxes = await Promise.all(
        ["#picked", "#bottom", "#color", "#more", "#range-high"]
          .map((id) => page.locator(id).boundingBox()),
      );
      for (const box of boxes) {
        assert(box!.x >= 0 && box!.x + box!.width <= PHONE.width);
        assertLess(box!.y + box!.height, PHONE.height + 1);
      }
      const [picked, bottom] = boxes;
      assertLess(picked!.y + picked!.height, bottom!.y);
      await page.locator("#unpick").tap();
      assert(await page.locator("#picked").isHidden());
      await page.touchscreen.tap(x + 40, y);
      await page.waitForTimeout(500);
      assert(await page.locator("#picked").isHidden());
      await page.keyboard.press("p");
      await viewer.text("#picked-title", /^Point$/);
    }, PHONE);
  },
);

/** How many colours a picture has. */
function colorsOf({ rgb }: Picture): number {
  const colors = new Set<number>();
  for (let i = 0; i < rgb.length; i += 3) {
    colors.add(rgb[i] << 16 | rgb[i + 1] << 8 | rgb[i + 2]);
  }
  return colors.size;
}

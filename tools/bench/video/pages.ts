/** Chromium's pages that watch and publish, driven through Playwright. */
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../chromium.ts";
import type {
  PageGlobal,
  PublisherSettings,
  WatcherReading,
  WatcherSettings,
} from "./reading.ts";

/** Cameras are for secure origins alone; this one needs no server. */
const ORIGIN = "https://bench.invalid/";
const HTML = "<!doctype html><link rel=icon href=data:,><body></body>";
/** Longest that a page may load, milliseconds. */
const LOADING_MS = 20_000;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Where functions run that are handed to a page. */
declare const globalThis: PageGlobal;

/** The scripts of the pages, bundled. */
export interface PageScripts {
  watcher: string;
  publisher: string;
}

/** @throws {Error} where they can't be bundled, with what was said. */
export async function bundlePages(): Promise<PageScripts> {
  const [watcher, publisher] = await Promise.all(
    ["watcher", "publisher"].map(bundle),
  );
  return { watcher, publisher };
}

async function bundle(name: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform=browser"],
      `tools/bench/video/page/${name}.ts`,
    ],
    cwd: ROOT,
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(
    `The ${name}'s page can't be bundled: ${new TextDecoder().decode(stderr)}`,
  );
}

/**
 * Starts headless Chromium.
 *
 * @param camera file that its camera shows; none has no camera.
 */
export async function startPages(
  scripts: PageScripts,
  camera?: string,
): Promise<Pages> {
  const browser = await launchChromium([
    ...["--autoplay-policy=no-user-gesture-required", "--disable-gpu"],
    ...camera === undefined ? [] : [
      ...["--use-fake-ui-for-media-stream"],
      ...["--use-fake-device-for-media-stream"],
      `--use-file-for-fake-video-capture=${camera}`,
    ],
  ], { endsOnSignals: false });
  return new Pages(browser, scripts);
}

export class Pages implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #scripts: PageScripts;

  constructor(browser: Browser, scripts: PageScripts) {
    this.#browser = browser;
    this.#scripts = scripts;
  }

  async openWatcher(): Promise<WatcherTab> {
    return new WatcherTab(await this.#open("watcher"));
  }

  async openPublisher(): Promise<PublisherTab> {
    return new PublisherTab(await this.#open("publisher"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }

  /** Each in a window of its own: a tab behind another draws nothing. */
  async #open(name: keyof PageScripts): Promise<Page> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(LOADING_MS);
    await page.route(
      "**/*",
      (route) => route.fulfill({ contentType: "text/html", body: HTML }),
    );
    await page.goto(ORIGIN);
    const content = this.#scripts[name];
    await page.addScriptTag({ content, type: "module" });
    // A module runs some time after its tag is there.
    await page.waitForFunction((name) => name in globalThis, name);
    return page;
  }
}

export class PublisherTab {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  offer(settings: PublisherSettings): Promise<string> {
    return this.#page.evaluate(
      (settings) => globalThis.publisher.offer(settings),
      settings,
    );
  }

  accept(answer: string): Promise<void> {
    return this.#page.evaluate(
      (answer) => globalThis.publisher.accept(answer),
      answer,
    );
  }
}

export class WatcherTab {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  offer(settings: WatcherSettings): Promise<string> {
    return this.#page.evaluate(
      (settings) => globalThis.watcher.offer(settings),
      settings,
    );
  }

  accept(answer: string): Promise<void> {
    return this.#page.evaluate(
      (answer) => globalThis.watcher.accept(answer),
      answer,
    );
  }

  answer(offer: string): Promise<string> {
    return this.#page.evaluate(
      (offer) => globalThis.watcher.answer(offer),
      offer,
    );
  }

  hasPicture(): Promise<boolean> {
    return this.#page.evaluate(() => globalThis.watcher.hasPicture());
  }

  read(): Promise<WatcherReading> {
    return this.#page.evaluate(() => globalThis.watcher.read());
  }
}

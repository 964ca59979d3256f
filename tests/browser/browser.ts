/** A real browser: headless Chromium, driven through Playwright. */
import type { Page } from "playwright-core";

/** No question is asked, and sound may play. */
const ARGS = [
  "--autoplay-policy=no-user-gesture-required",
  "--use-fake-ui-for-media-stream",
];

/** Milliseconds; to look at a page in each animation frame slows it down. */
const PATIENCE = { timeout: 60_000, polling: 100 };

/** A window's size, pixels of CSS. */
export interface WindowSize {
  width: number;
  height: number;
}

const DESKTOP: WindowSize = { width: 1024, height: 640 };
export const PHONE: WindowSize = { width: 390, height: 844 };

export interface Browser extends AsyncDisposable {
  open(url: string, size?: WindowSize): Promise<ViewerPage>;
}

/** Starts Chromium; it is closed at the end of the scope. */
export async function startBrowser(args: string[] = []): Promise<Browser> {
  // Loaded here: Playwright can't be imported without permissions.
  const { launchChromium, SOFTWARE_RENDERING } = await import(
    "../../tools/chromium.ts"
  );
  const browser = await launchChromium([
    ...SOFTWARE_RENDERING,
    ...ARGS,
    ...args,
  ]);
  return {
    async open(url, viewport = DESKTOP) {
      const hasTouch = viewport === PHONE;
      const page = await browser.newPage({ viewport, hasTouch });
      const viewer = new ViewerPage(page);
      await page.goto(url);
      return viewer;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** The viewer in a tab of its own. */
export class ViewerPage implements AsyncDisposable {
  readonly page: Page;
  /** What the page threw or complained of. */
  readonly errors: string[] = [];
  /** Every URL that it asked for. */
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  /** Clouds shown so far. */
  async frames(): Promise<number> {
    return Number(
      await this.page.locator("html").getAttribute("data-frames") ?? 0,
    );
  }

  /** Waits until so many more clouds were shown. */
  async nextFrames(count: number): Promise<void> {
    const due = await this.frames() + count;
    await this.page.waitForFunction(
      (due) => Number(document.documentElement.dataset.frames ?? 0) >= due,
      due,
      PATIENCE,
    );
  }

  /** Waits until an element's text is as it should be. */
  async text(selector: string, expected: RegExp): Promise<string> {
    const { source, flags } = expected;
    await this.page.waitForFunction(
      ([selector, source, flags]) =>
        new RegExp(source, flags).test(
          document.querySelector(selector)?.textContent ?? "",
        ),
      [selector, source, flags],
      PATIENCE,
    );
    return await this.page.locator(selector).textContent() ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}

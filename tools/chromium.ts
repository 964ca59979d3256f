/** Headless Chromium, as Debian has it. */
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package puts it. */
export const CHROMIUM = "/usr/bin/chromium";

/**
 * This machine's own addresses as candidates, and nothing that calls home: on a
 * machine without a network each such connection is an error.
 */
const ARGS = [
  ...["--no-sandbox", "--no-first-run", "--disable-quic", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** Draws WebGL without a GPU. */
export const SOFTWARE_RENDERING = [
  ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
];

/**
 * Starts it.
 *
 * @param options `endsOnSignals`: whether Ctrl-C closes it and ends this
 * program at once, as Playwright has it; others clean up themselves.
 * @throws what Playwright throws where it isn't installed.
 */
export function launchChromium(
  args: string[] = [],
  { endsOnSignals = true }: { endsOnSignals?: boolean } = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [...ARGS, ...args],
    handleSIGHUP: endsOnSignals,
    handleSIGINT: endsOnSignals,
    handleSIGTERM: endsOnSignals,
  });
}

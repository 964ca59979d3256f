/**
 * A peer in Debian's Firefox that speaks WHIP (RFC 9725) and WHEP: `publish URL`
 * sends a canvas, a tone, and clouds as the original's client does; `watch URL`
 * decodes what a session has.
 *
 * What happens is told on standard error, a JSON object a line; a report comes
 * last, on standard output, when SIGTERM, or the end of what it watches, has
 * ended it. Needs firefox-esr, libegl1 and libgl1-mesa-dri.
 *
 * @module
 */
import { ROOT } from "../support.ts";
import { startFirefox } from "./bidi.ts";
import type { PageCalls } from "./firefox_page.ts";
import { parseRole, runPeer, tell } from "./rtc_driver.ts";

declare const pointwirePeer: PageCalls;

/** The page's side as one script. */
async function bundlePage(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform=browser"],
      "tests/peers/firefox_page.ts",
    ],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout);
}

const { role, url, clouds, points } = parseRole();
const over = Promise.withResolvers<string | null>();

function onLog(level: string, text: string): void {
  if (level === "info" && text.startsWith("{")) {
    console.error(text);
    const { message, by } = JSON.parse(text);
    if (message === "ended") over.resolve(by);
  } else tell("page", { level, text });
}

await using tab = await startFirefox(onLog);
// Any page of the server's origin, with no script of its own.
await tab.open(new URL("/healthz", url).href);
await tab.run((code) => {
  const script = document.createElement("script");
  script.type = "module";
  script.textContent = code;
  return new Promise<void>((resolve) => {
    script.onload = () => resolve();
    document.body.append(script);
    setTimeout(resolve);
  });
}, await bundlePage());

const peer = { end: over.resolve, over: over.promise };
await runPeer(peer, async () => {
  const location = role === "publish"
    ? await tab.run(
      (url, options) => pointwirePeer.publish(url, options),
      url,
      { clouds, points },
    )
    : await tab.run(
      (url, clouds) => pointwirePeer.watch(url, clouds),
      url,
      clouds,
    );
  return { location, report: () => tab.run(() => pointwirePeer.report()) };
});

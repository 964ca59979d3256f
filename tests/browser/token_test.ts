/** The page's question for a token, in a real browser. */
import { assert, assertEquals } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { temporaryFolder, testWith } from "../support.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { startBrowser } from "./browser.ts";

testWith(
  ["chromium"],
  "over TLS, the page asks for a token, again for a wrong one, and keeps it for the tab",
  async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/tokens.json`;
    const tokens = [
      { token: "screen-secret", rights: ["watch"] },
      { token: "robot-secret", rights: ["publish"] },
    ];
    await Deno.writeTextFile(file, JSON.stringify({ tokens }));
    const identity = await makeIdentity();
    const [cert, key, ca] = await Promise.all(
      (["cert", "key", "ca"] as const).map(async (name) => {
        const path = `${folder.path}/${name}.pem`;
        await Deno.writeTextFile(path, identity[name]);
        return path;
      }),
    );
    await using server = await startServer([
      ...["--token-file", file, "--cert", cert, "--key", key],
    ]);
    await using _client = startClient(server, [
      ...["--source", "lidar", "--points", "5000", "--duration", "0"],
      ...["--media", "none", "--token", "robot-secret", "--ca", ca],
    ]);
    await using browser = await startBrowser(["--ignore-certificate-errors"]);
    await using viewer = await browser.open(server.url);
    const { page } = viewer;
    const dialog = page.locator("#token-dialog[open]");
    const answer = async (token: string) => {
      await page.locator("#token").fill(token);
      await page.keyboard.press("Enter");
    };
    await viewer.text("#token-title", /^A token is needed to watch$/);
    await dialog.waitFor();
    assert(await page.locator("#token-why").isHidden());
    await answer("wrong");
    await viewer.text("#token-why", /^The token is not known here\.$/);
    await dialog.waitFor();
    await answer("screen-secret");
    await viewer.text("#status", /live/i);
    await viewer.nextFrames(3);
    assert(await dialog.isHidden());

    // To publish takes another one, and to watch goes on with the first.
    await page.locator("#publish-source").selectOption("scan");
    await page.locator("#publish").click();
    await viewer.text(
      "#token-why",
      /^The token gives no right to publish\.$/,
    );
    await dialog.waitFor();
    await page.locator("#token-cancel").click();
    await viewer.text("#publish-status", /^Cannot publish: .*no right/);
    await page.locator("#publish").click();
    await dialog.waitFor();
    await answer("robot-secret");
    await viewer.text("#publish-status", /^Live/);

    const protocols = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => name.includes("/whep/"))
        .map(({ nextHopProtocol }) => nextHopProtocol)
    );
    assertEquals([...new Set(protocols)], ["h2"]);

    // The tab keeps both; another tab has none, and says so where none is given.
    await page.reload();
    await viewer.text("#status", /live/i);
    await viewer.nextFrames(3);
    assert(await dialog.isHidden());
    await using other = await browser.open(server.url);
    await other.page.locator("#token-dialog[open]").waitFor();
    await other.page.keyboard.press("Escape");
    await other.text("#status", /^A token is needed to watch\. Reload/);

    // Neither in a URL, nor in the log.
    const seen = [...viewer.requests, ...server.stderr].join("\n");
    for (const { token } of tokens) assert(!seen.includes(token));
    const complaints = viewer.errors.filter((text) =>
      !/status of 40[13]/.test(text)
    );
    assertEquals(complaints, []);
  },
);

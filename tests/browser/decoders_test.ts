/** Pictures and sound that the page decodes itself, by a recording's clock. */
import { assertEquals } from "@std/assert";
import {
  ALL_FORMATS,
  BufferSource,
  EncodedPacketSink,
  Input,
} from "mediabunny";
import { encodeVideo, extensionOf, framesOf } from "../media/coded_video.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";
import { startBrowser, type ViewerPage } from "./browser.ts";
import type { page as decoders } from "./decoders_page.ts";

/** What decoders_page.ts gives, in the browser. */
declare const page: typeof decoders;

const SECONDS = 3;
const PATIENCE = { timeout: 60_000, polling: 50 };

/** The packets of a tone of 440 Hz. */
async function tone(path: string): Promise<number[][]> {
  const sine = `sine=frequency=440:duration=${SECONDS}`;
  const { success } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "lavfi", "-i", sine],
      ...["-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-y", path],
    ],
  }).output();
  assertEquals(success, true);
  const source = new BufferSource(await Deno.readFile(path));
  using input = new Input({ source, formats: ALL_FORMATS });
  const track = (await input.getPrimaryAudioTrack())!;
  const packets: number[][] = [];
  for await (const { data } of new EncodedPacketSink(track).packets()) {
    packets.push([...data]);
  }
  return packets;
}

/** Serves a page with the decoders, bundled as the page itself is. */
async function serveDecoders(): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      ...["bundle", "--quiet", "--platform=browser"],
      `${ROOT}tests/browser/decoders_page.ts`,
    ],
    cwd: ROOT,
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return Deno.serve(
    { hostname: "localhost", port: 0, onListen() {} },
    (asked) =>
      new URL(asked.url).pathname === "/page.js"
        ? new Response(stdout, {
          headers: { "content-type": "text/javascript" },
        })
        : new Response(
          '<link rel="icon" href="data:,">' +
            "<script type=module src=/page.js></script>",
          {
            headers: { "content-type": "text/html" },
          },
        ),
  );
}

/** Waits until a picture is shown; those after it are not. */
async function untilShown({ page: tab }: ViewerPage, number: number) {
  await tab.waitForFunction(
    (number) => page.shown() >= number,
    number,
    PATIENCE,
  );
  assertEquals(await tab.evaluate(() => page.shown()), number);
}

/** Waits until a tone of a pitch is heard, or none. */
async function untilHeard({ page: tab }: ViewerPage, pitch: number) {
  await tab.waitForFunction(
    (pitch) => Math.abs(page.pitch() - pitch) < 40,
    pitch,
    PATIENCE,
  );
}

testWith(
  ["chromium", "ffmpeg"],
  "pictures and sound go by a clock that stands, runs, and is set",
  async (t) => {
    await using folder = await temporaryFolder();
    await using server = await serveDecoders();
    await using browser = await startBrowser();
    await using viewer = await browser.open(
      `http://localhost:${server.addr.port}`,
    );
    const { page: tab } = viewer;
    for (const codec of ["VP8", "VP9", "H264", "AV1"] as const) {
      await t.step(codec, async () => {
        const path = `${folder.path}/a.${extensionOf(codec)}`;
        await encodeVideo(path, { codec, frames: 30, size: "160x120" });
        const frames = (await framesOf(path)).map((bytes) => [...bytes]);
        await tab.evaluate(([codec, frames]) => {
          page.set(0, 0);
          void page.decode(codec, frames);
        }, [codec, frames] as const);
        await untilShown(viewer, 0);
        await tab.waitForFunction(() => page.size() === "160x120");
        await tab.evaluate(() => page.set(0, 4));
        await untilShown(viewer, 29);
        // Decoding begins with the keyframe before.
        await tab.evaluate(([codec, frames]) => {
          page.reset();
          page.set(15 * 40, 0);
          void page.decode(codec, frames, 10);
        }, [codec, frames] as const);
        await untilShown(viewer, 15);
        await tab.evaluate(() => page.reset());
      });
    }
    await t.step("what can't be decoded", async () => {
      assertEquals(await tab.evaluate(() => page.failures), []);
      await tab.evaluate(() => {
        page.set(0, 1);
        return page.decode("H264", [Array(100).fill(7)]);
      });
      await tab.waitForFunction(
        () => page.failures.at(-1)?.startsWith("of avc1."),
        undefined,
        PATIENCE,
      );
      await tab.evaluate(() => page.reset());
    });
    await t.step("sound", async () => {
      const packets = await tone(`${folder.path}/a.ogg`);
      await tab.evaluate((packets) => {
        page.set(-500, 1);
        void page.listen(packets);
      }, packets);
      await untilHeard(viewer, 440);
      await tab.evaluate(() => page.set(1_000, 0));
      await untilHeard(viewer, 0);
      await tab.evaluate((packets) => {
        page.reset();
        page.set(-500, 2);
        void page.listen(packets);
      }, packets);
      await untilHeard(viewer, 880);
      await tab.evaluate(() => page.reset());
      await untilHeard(viewer, 0);
    });
    assertEquals(viewer.errors, []);
  },
);

/** The real bench of pictures, as short as it can be. */
import { assert, assertGreater } from "@std/assert";
import { ROOT, temporaryFolder, testWith } from "../support.ts";

testWith(
  ["ffmpeg", "chromium"],
  "bench:video measures ours beside browsers, and writes tables and JSON",
  async () => {
    await using folder = await temporaryFolder();
    const [json, markdown] = ["json", "md"].map((end) =>
      `${folder.path}/figures.${end}`
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "-A", "tools/bench/video.ts", "--seconds", "3"],
        ...["--only", "rtt50-loss1", "--leg", "watcher"],
        ...["--json", json, "--markdown", markdown],
      ],
      cwd: ROOT,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const [{ runs: [{ ours, browsers }] }] = JSON.parse(
      await Deno.readTextFile(json),
    );
    for (const figures of [ours, browsers]) {
      assertGreater(figures.framesDecoded, 0);
      assertGreater(figures.firstPictureMs, 0);
      assertGreater(figures.fps, 0);
    }
    assertGreater(ours.serverFrames, 0);
    const text = await Deno.readTextFile(markdown);
    assert(text.includes(`| ${ours.fps.toFixed(1)} `), text);
    assert(text.includes("browser to browser + 0.2 s"), text);
  },
);

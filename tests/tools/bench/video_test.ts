/** The real bench, stopped in the middle; it ends as a program does. */
import { assertEquals } from "@std/assert";
import { processesWith } from "../../../tools/proc.ts";
import { ROOT, temporaryFolder, testWith, until } from "../../support.ts";

testWith(
  ["ffmpeg", "linux"],
  "bench:video that is stopped leaves no process behind",
  async () => {
    await using folder = await temporaryFolder();
    // Its name tells this run's client from those of others.
    const mark = `--token=${folder.path}`;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "-A", "tools/bench/video.ts"],
        ...["--only", "free-720p30", "--codec", "vp8", `--client=${mark}`],
      ],
      cwd: ROOT,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    const run = async () =>
      (await processesWith(mark)).filter((pid) => pid !== child.pid);
    await until(async () => (await run()).length > 0, {
      what: "the client",
      within: 60_000,
    });
    child.kill("SIGTERM");
    assertEquals((await output).code, 1);
    assertEquals(await run(), []);
  },
);

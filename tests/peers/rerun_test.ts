/** A recording of ours, as Rerun's importer has it. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { onlyFile } from "../recording/read_recording.ts";
import { temporaryFolder, testWith } from "../support.ts";

const PYTHON = Deno.env.get("BAGS_PYTHON") ?? "";

/** Runs Rerun, whose settings are its own; gives what it prints. */
async function rerun(home: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-m", "rerun", ...args],
    env: { HOME: home, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const said = text.decode(stdout) + text.decode(stderr);
  assert(success, `rerun ${args.join(" ")}: ${said}`);
  return said;
}

/** Rows of a column that a topic has, in what `rrd print` prints. */
function rowsOf(printed: string, topic: string, column: string): number {
  return printed.split("\n")
    .filter((line) => line.includes(` - ${topic} - `) && line.includes(column))
    .reduce((sum, line) => sum + Number(/with (\d+) rows/.exec(line)![1]), 0);
}

testWith(
  ["rerun", "ffmpeg"],
  "Rerun imports clouds, places, pictures and sound of a recording",
  async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer(
      ["--record", folder.path],
      [`--allow-write=${folder.path}`],
    );
    await using client = startClient(server, [
      ...["--source", "front=lidar", "--points", "2000", "--rate", "10"],
      ...["--frame-id", "front_lidar", "--pose", "1,0,0.5"],
      ...["--source", "rear=rgbd", "--points", "2000", "--rate", "5"],
      ...["--video-codec", "h264", "--duration", "3"],
    ]);
    await client.finished();
    const { streams, video, audio } = await server.waitForLog(
      "the end of the session",
      ({ message }) => message === "session closed",
    ) as unknown as SessionSnapshot;
    await server.waitForLog(
      "the end of the recording",
      ({ file, message }) =>
        message === "recorded" && String(file).endsWith(".mcap"),
    );
    const path = onlyFile(folder.path, ".mcap");
    const home = `${folder.path}/home`;
    await Deno.mkdir(home);
    await rerun(home, ["analytics", "disable"]);
    const checked = await rerun(home, ["mcap", "check", path]);
    assertEquals(checked.match(/^ok /gm)?.length, 5, checked);
    assert(!checked.includes("PROBLEM"), checked);

    const imported = `${folder.path}/imported.rrd`;
    await rerun(home, ["mcap", "convert", path, "-o", imported]);
    await rerun(home, ["rrd", "verify", imported]);
    const printed = await rerun(home, ["rrd", "print", imported]);
    for (const { name, frames } of streams) {
      assertGreater(frames, 0);
      assertEquals(rowsOf(printed, `/${name}`, "Points3D:positions"), frames);
    }
    assertEquals(rowsOf(printed, "/tf_static", "Transform3D:translation"), 1);
    const media = [["/video", video.frames], ["/audio", audio.frames]] as const;
    for (const [topic, frames] of media) {
      assertEquals(rowsOf(printed, topic, "foxglove_msgs.msg."), frames);
    }
  },
);

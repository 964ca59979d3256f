import { assert, assertEquals, assertMatch } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { TrackFiles } from "../../lib/recording/track_files.ts";
import { smallDisk, temporaryFolder, testWith, until } from "../support.ts";

const FRAME: MediaFrame = {
  kind: "video",
  codec: "VP8",
  timestamp: 0,
  keyframe: true,
  discontinuity: false,
  width: 16,
  height: 16,
  data: Uint8Array.of(1, 2, 3),
};

function makeRecorder(folder: string) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  Deno.mkdirSync(folder, { recursive: true });
  return { recorder: new TrackFiles(folder, log), lines };
}

/** Number of frames that an IVF file says it has. */
async function framesIn(path: string): Promise<number> {
  const bytes = await Deno.readFile(path);
  return new DataView(bytes.buffer).getUint32(24, true);
}

testWith([], "Each track has a file", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/new/folder`;
  const { recorder, lines } = makeRecorder(path);
  for (const [session, track] of [["a", 0], ["a", 1], ["b", 0]] as const) {
    recorder.record({ session, track, frame: FRAME });
  }
  recorder.record({ session: "a", track: 0, frame: FRAME });
  await recorder.finish("a");
  assertEquals(await framesIn(`${path}/a-0.ivf`), 2);
  assertEquals(await framesIn(`${path}/a-1.ivf`), 1);
  await recorder.close();
  assertEquals(await framesIn(`${path}/b-0.ivf`), 1);
  assertEquals(
    lines.map(({ message, session }) => [message, session]),
    ["a", "a", "b"].map((session) => ["track recorded", session]),
  );
});

testWith([], "Closing waits for every file", async () => {
  await using folder = await temporaryFolder();
  const { recorder } = makeRecorder(folder.path);
  recorder.record({ session: "a", track: 0, frame: FRAME });
  void recorder.finish("a");
  await recorder.close();
  assertEquals(await framesIn(`${folder.path}/a-0.ivf`), 1);
});

testWith([], "A track that can't be written stops no other", async () => {
  await using folder = await temporaryFolder();
  const { recorder, lines } = makeRecorder(folder.path);
  await Deno.mkdir(`${folder.path}/a-0.ivf`);
  for (const track of [0, 1]) {
    recorder.record({ session: "a", track, frame: FRAME });
  }
  await recorder.close();
  assertEquals(await framesIn(`${folder.path}/a-1.ivf`), 1);
  assertEquals(lines.map(({ level, message }) => [level, message]).toSorted(), [
    ["error", "track not recorded whole"],
    ["info", "track recorded"],
  ]);
});

testWith(
  ["small disk"],
  "A full disk is said once for each track, and the next session is recorded",
  async () => {
    await using disk = await smallDisk(64);
    const { recorder, lines } = makeRecorder(disk.path);
    const said = () =>
      lines.map(({ message, file }) => [message, file]).toSorted();
    const large = { ...FRAME, data: new Uint8Array(20_000) };
    for (let i = 0; i < 10; i++) {
      recorder.record({ session: "a", track: 0, frame: large });
      recorder.record({ session: "a", track: 1, frame: large });
    }
    const expected = [0, 1].map((track) => [
      "track not recorded whole",
      `${disk.path}/a-${track}.ivf`,
    ]);
    await until(() => lines.length === 2, { what: "two lines of the log" });
    assertEquals(said(), expected);
    recorder.record({ session: "a", track: 0, frame: large });
    await recorder.finish("a");
    assertEquals(said(), expected);
    assertMatch(String(lines[0].error), /no space left on device/);
    // One that got no room for a first frame is not there.
    const kept = [...Deno.readDirSync(disk.path)].map(({ name }) =>
      `${disk.path}/${name}`
    );
    assert(kept.length > 0);
    for (const path of kept) {
      const frames = await framesIn(path);
      assert(frames > 0, path);
      assertEquals((await Deno.stat(path)).size, 32 + frames * 20_012);
      await Deno.remove(path);
    }
    recorder.record({ session: "b", track: 0, frame: large });
    await recorder.close();
    assertEquals(await framesIn(`${disk.path}/b-0.ivf`), 1);
    assertEquals(lines.at(-1)?.message, "track recorded");
  },
);

testWith([], "A folder that is gone is said by name", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/recordings`;
  const { recorder, lines } = makeRecorder(path);
  recorder.record({ session: "a", track: 0, frame: FRAME });
  await until(() => Deno.stat(`${path}/a-0.ivf`).catch(() => undefined), {
    what: "the first file",
  });
  await Deno.remove(path, { recursive: true });
  recorder.record({ session: "a", track: 1, frame: FRAME });
  await recorder.close();
  assertEquals(
    lines.map(({ error }) => String(error)).toSorted(),
    [
      `Can't record ${path}/a-0.ivf: it was removed meanwhile`,
      `Can't record ${path}/a-1.ivf: its folder is gone; make it again for ` +
      `what comes next`,
    ],
  );
});

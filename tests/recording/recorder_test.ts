import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { RecordingError } from "../../lib/recording/folder.ts";
import { Recorder } from "../../lib/recording/recorder.ts";
import { temporaryFolder, testWith } from "../support.ts";

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
  return { recorder: new Recorder(folder, log), lines };
}

/** Number of frames that an IVF file says it has. */
async function framesIn(path: string): Promise<number> {
  const bytes = await Deno.readFile(path);
  return new DataView(bytes.buffer).getUint32(24, true);
}

testWith([], "A recorder keeps a file for each track", async () => {
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

testWith([], "A recorder that is closed waits for every file", async () => {
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

testWith([], "A recorder refuses a folder that it can't use", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  await Deno.writeTextFile(path, "");
  const { message } = assertThrows(() => makeRecorder(path), RecordingError);
  assertStringIncludes(message, `Can't record into ${path}: `);
});

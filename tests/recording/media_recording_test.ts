import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { DiskBudget } from "../../lib/recording/disk_budget.ts";
import { MediaRecording } from "../../lib/recording/media/media_recording.ts";
import { noRecordings } from "../../lib/recording/recording_options.ts";
import { temporaryFolder, testWith } from "../support.ts";

const START = Date.parse("2026-11-30T01:02:03.456Z");
/** Twenty milliseconds of Opus. */
const SOUND = {
  ...{ kind: "audio", codec: "opus", keyframe: true },
  data: Uint8Array.of(0xfc, 0xff, 0xfe),
} as unknown as MediaFrame;

for (const secondsBefore of [1, 5]) {
  testWith(
    [],
    `A silence after ${secondsBefore} s costs a recording of sound nothing`,
    async () => {
      await using folder = await temporaryFolder();
      const lines: Record<string, unknown>[] = [];
      const counters = noRecordings();
      const recording = new MediaRecording({
        session: { id: "a", name: "a", start: new Date(START).toISOString() },
        options: { folder: folder.path },
        budget: new DiskBudget(2 ** 20),
        counters,
        log: createLogger({
          format: "json",
          write: (line) => lines.push(JSON.parse(line)),
        }),
        requestKeyframes() {},
      });
      const play = (from: number, to: number) => {
        for (let ms = 1000 * from; ms < 1000 * to; ms += 20) {
          for (const track of ["front/audio", "rear/audio"]) {
            const time = START + ms;
            recording.add(track, { frame: SOUND, time }, time);
          }
        }
      };
      play(0, secondsBefore);
      play(15, 20);
      await recording.close();
      const messages = lines.map(({ message }) => message);
      assertEquals(new Set(messages), new Set(["recorded"]));
      assertEquals([counters.dropped, counters.errors], [0, 0]);
      assertEquals([...Deno.readDirSync(folder.path)].length, messages.length);
    },
  );
}

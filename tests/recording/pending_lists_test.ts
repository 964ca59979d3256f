/** Many who ask for lists of a folder at once. */
import { assert, assertEquals } from "@std/assert";
import { LimitError } from "../../lib/limits/limit_error.ts";
import { RecordingFolder } from "../../lib/recording/recording_folder.ts";
import type { RecordingPage } from "../../lib/recording/recording_library.ts";
import { problemOf } from "../../lib/serving/problem_of.ts";
import { temporaryFolder, testWith } from "../support.ts";

testWith([], "Those who ask the same wait for the same list", async () => {
  await using there = await temporaryFolder();
  const folder = new RecordingFolder(there.path, () => false);
  const asked = Array.from({ length: 50 }, () => folder.list({ limit: 1 }));
  assertEquals(await Promise.all(asked), asked.map(() => EMPTY));
});

testWith([], "More lists than there may be are refused", async () => {
  await using there = await temporaryFolder();
  const folder = new RecordingFolder(there.path, () => false);
  const ask = (count: number) =>
    Promise.allSettled(
      Array.from({ length: count }, (_, i) => folder.list({ limit: i + 1 })),
    );
  const answers = await ask(20);
  const refused = answers.filter((answer) => answer.status === "rejected");
  assertEquals(refused.length, 4);
  for (const { reason } of refused) {
    assert(reason instanceof LimitError);
    assertEquals(reason.limit, "recording-lists");
    assertEquals(problemOf(reason).status, 503);
  }
  // Once they are made there is room again.
  assertEquals(
    (await ask(16)).map(({ status }) => status),
    Array.from({ length: 16 }, () => "fulfilled"),
  );
});

const EMPTY: RecordingPage = { recordings: [], next: undefined };

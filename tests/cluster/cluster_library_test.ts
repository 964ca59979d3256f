import { assertEquals } from "@std/assert";
import { mergePages } from "../../lib/cluster/cluster_library.ts";
import type { ServedRecording } from "../../lib/recording/listed_recording.ts";
import type { PlacedRecording } from "../../lib/recording/recording_library.ts";

function placed(at: number, name: string, node = "a"): PlacedRecording {
  return { at, recording: { name, node } as ServedRecording };
}

function merge(limit: number, ...pages: Parameters<typeof mergePages>[0]) {
  const { recordings, next } = mergePages(pages, limit);
  return [recordings.map(({ recording: { name } }) => name).join(""), next];
}

Deno.test("Pages are merged newest first, of one time by name", () => {
  const left = { recordings: [placed(9, "x"), placed(5, "b"), placed(1, "y")] };
  const right = {
    recordings: [placed(7, "z"), placed(5, "c"), placed(5, "a")],
  };
  assertEquals(merge(10, left, right), ["xzcbay", undefined]);
  assertEquals(merge(6, left, right), ["xzcbay", undefined]);
  assertEquals(merge(3, left, right), ["xzc", { name: "c", at: 5 }]);
});

Deno.test("A page goes no further than all of them do", () => {
  // The first has looked at files down to 5, of which nothing was wanted.
  const left = {
    recordings: [placed(9, "x")],
    next: { name: "n", at: 5 },
  };
  const right = { recordings: [placed(7, "z"), placed(4, "c")] };
  assertEquals(merge(10, left, right), ["xz", { name: "n", at: 5 }]);
  assertEquals(
    merge(10, { recordings: [], next: { name: "n", at: 8 } }, right),
    [
      ...["", { name: "n", at: 8 }],
    ],
  );
});

Deno.test("A file that several nodes have is listed once, as the first's", () => {
  const own = { recordings: [placed(9, "x", "own")] };
  const other = { recordings: [placed(9, "x", "other"), placed(8, "y")] };
  const { recordings } = mergePages([own, other], 10);
  assertEquals(recordings.map(({ recording: { node } }) => node), ["own", "a"]);
});

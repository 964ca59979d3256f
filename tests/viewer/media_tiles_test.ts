import { assertEquals } from "@std/assert";
import { sectionsFor, tilesOf } from "../../lib/viewer/media_tiles.ts";

/** A track that a test tells from others by its id. */
function track(kind: "video" | "audio", id: string, stream: string) {
  return { track: { kind, id }, stream, mid: `of ${id}` };
}

Deno.test("an offer has a section for each track, and one of each kind", () => {
  const video = { kind: "video" }, audio = { kind: "audio" };
  assertEquals(sectionsFor(undefined), { video: 1, audio: 1 });
  assertEquals(sectionsFor([]), { video: 1, audio: 1 });
  assertEquals(sectionsFor([video, audio, video]), { video: 2, audio: 1 });
  const many = Array(1_000).fill(audio);
  assertEquals(sectionsFor(many), { video: 1, audio: 16 });
});

Deno.test("sound goes with the picture of its name", () => {
  const tiles = tilesOf([
    track("audio", "a", "rear"),
    track("video", "b", "front"),
    track("video", "c", "rear"),
    track("audio", "d", "cabin"),
  ]);
  assertEquals(
    tiles.map(({ name, tracks }) => [name, ...tracks.map(({ id }) => id)]),
    [["front", "b"], ["rear", "c", "a"], ["cabin", "d"]],
  );
  assertEquals(tiles.map(({ mid }) => mid), ["of b", "of c", "of d"]);
});

Deno.test("pictures without a name are told apart, and keep their tiles", () => {
  const remote = [
    track("video", "a", "pointwire"),
    track("video", "b", "pointwire"),
    track("audio", "c", "pointwire"),
  ];
  const tiles = tilesOf(remote);
  assertEquals(tiles.map(({ name }) => name), [undefined, undefined]);
  assertEquals(tiles.map(({ tracks }) => tracks.length), [2, 1]);
  const ids = tiles.map(({ id }) => id);
  assertEquals(new Set(ids).size, 2);
  assertEquals(tilesOf(remote).map(({ id }) => id), ids);
});

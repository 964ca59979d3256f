import { assertEquals } from "@std/assert";
import { ReplayFilter } from "../../lib/cluster/replay_filter.ts";
import type { FromExport } from "../../lib/hosting/feed_carrier.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

const CLOUD = typedCloud("x,y,z", [[1, 2, 3]]);

function frame(number: number, stream = "points"): FromExport {
  const frame = encodedFrame(CLOUD, "raw", { number, stream });
  return { type: "frame", frame, leftOut: 0 };
}

function packet(sequenceNumber: number, track = 0): FromExport {
  const payload = new Uint8Array(1);
  const packet = { sequenceNumber, timestamp: 0, marker: true, payload };
  return { type: "packet", track, packet };
}

Deno.test("A feed that is joined again gives nothing twice", () => {
  const filter = new ReplayFilter();
  const given = (...messages: FromExport[]) =>
    messages.map((message) => filter.isNew(message));
  const tracks: FromExport = { type: "tracks", tracks: [] };
  assertEquals(
    given(tracks, frame(1), frame(1, "rear"), packet(65_535), packet(0, 1)),
    [true, true, true, true, true],
  );
  // What was there, and what comes after it, past the wrap of the numbers.
  assertEquals(
    given(tracks, frame(1), frame(2), packet(65_534), packet(65_535)),
    [false, false, true, false, false],
  );
  assertEquals(given(packet(0), packet(1), packet(0)), [true, true, false]);
  // A publisher that begins anew is no replay.
  assertEquals(given(packet(30_000)), [true]);
});

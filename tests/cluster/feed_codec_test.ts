import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  FeedError,
  FeedReader,
  FeedWriter,
} from "../../lib/cluster/feed_codec.ts";
import type { FromExport } from "../../lib/hosting/feed_carrier.ts";
import { typedCloud } from "../points/file_clouds.ts";
import { encodedFrame } from "../wire/encoded_frames.ts";

/** Little more than what the codec leaves to NATS. */
const MAX_PAYLOAD = 2_048;
const MAX_FRAME_BYTES = 100_000;

/** A frame whose cloud takes several messages. */
function frameOf(points: number): FromExport & { type: "frame" } {
  const rows = Array.from({ length: points }, (_, i) => [i, 2 * i, -i]);
  const cloud = typedCloud("x,y,z", rows);
  const frame = encodedFrame(cloud, "raw", { number: 7, stream: "front" });
  return { type: "frame", frame, leftOut: 3 };
}

const OTHERS: Exclude<FromExport, { type: "packet" | "frame" }>[] = [
  {
    type: "tracks",
    tracks: [{ kind: "video", codec: "VP8", clockRate: 90_000 }],
  },
  { type: "format", track: 0, format: { codec: "AV1" } },
  {
    type: "clock",
    track: 0,
    clock: { ntpTimestamp: 2n ** 63n + 1n, rtpTimestamp: 2 ** 32 - 1 },
  },
  { type: "end", reason: "it is over", code: "deleted" },
];

Deno.test("What a feed says comes over as it was", () => {
  const writer = new FeedWriter(MAX_PAYLOAD);
  const reader = new FeedReader(MAX_FRAME_BYTES);
  const frame = frameOf(1_000);
  const messages = [...writer.write(frame)];
  assertEquals(messages.length > 5, true);
  assertEquals(messages.every(({ length }) => length <= MAX_PAYLOAD), true);
  assertEquals(messages.flatMap((bytes) => reader.take(bytes)!), [frame]);
  assertEquals(reader.take(writer.alive()), []);
  for (const message of OTHERS) {
    const written = [...writer.write(message)];
    assertEquals(written.flatMap((bytes) => reader.take(bytes)!), [message]);
  }
});

Deno.test("Packets come over as they were", () => {
  const packet = fc.record({
    type: fc.constant("packet" as const),
    track: fc.nat(255),
    packet: fc.record({
      sequenceNumber: fc.nat(0xffff),
      timestamp: fc.nat(2 ** 32 - 1),
      marker: fc.boolean(),
      payload: fc.uint8Array({ maxLength: 64 }),
      playoutDelayMs: fc.nat(500),
    }, {
      requiredKeys: ["sequenceNumber", "timestamp", "marker", "payload"],
    }),
  });
  fc.assert(fc.property(fc.array(packet), (packets) => {
    const bytes = new FeedWriter(MAX_PAYLOAD).packets(packets);
    assertEquals(new FeedReader(0).take(bytes), packets);
  }));
});

Deno.test("A message that is lost is noticed at the next", () => {
  const writer = new FeedWriter(MAX_PAYLOAD);
  const reader = new FeedReader(MAX_FRAME_BYTES);
  assertEquals(reader.take(writer.alive()), []);
  writer.alive();
  assertEquals(reader.take(writer.alive()), undefined);
});

Deno.test("No room is made for a frame that is too large", () => {
  const writer = new FeedWriter(MAX_PAYLOAD);
  const [first] = writer.write(frameOf(10));
  const why = "a frame has 120 bytes, and 119 are taken";
  assertThrows(() => new FeedReader(119).take(first), FeedError, why);
});

Deno.test("What no node writes is an error that is told", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
    const reader = new FeedReader(MAX_FRAME_BYTES);
    try {
      reader.take(Uint8Array.of(0, 0, 0, 0, ...body));
    } catch (error) {
      if (!(error instanceof FeedError)) throw error;
    }
  }));
});

import { assert, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { CloudiniEncoder } from "../../../lib/points/cloudini/mod.ts";
import { selectFields } from "../../../lib/points/cloud.ts";
import type { CloudEncoder } from "../../../lib/points/codec.ts";
import { encodeF32 } from "../../../lib/points/f32/f32.ts";
import { thin } from "../../../lib/points/thin.ts";
import { Adaptation } from "../../../lib/publishing/adaptation/adaptation.ts";
import { AdaptiveEncoder } from "../../../lib/publishing/adaptation/adaptive_encoder.ts";
import { wander } from "../../points/cloudini/support.ts";

const CLOUD = wander(1000, ["x", "y", "z", "intensity"]);

function cloudini(resolution: number): CloudiniEncoder {
  return new CloudiniEncoder({ resolution, compression: "none" });
}

function setUp(encoder: CloudEncoder) {
  const lines: string[] = [];
  let now = 0;
  const adaptation = new Adaptation(encoder);
  const adaptive = new AdaptiveEncoder({
    encoder,
    adaptation,
    log: createLogger({ write: (line) => lines.push(line) }),
    now: () => now,
  });
  /** A second in which one byte leaves, and every other frame is dropped. */
  const suffer = () => {
    for (let i = 0; i <= 10; i++, now += 100) {
      adaptive.offered({
        counters: {
          framesSent: 0,
          framesDropped: i >> 1,
          pointsSent: 0,
          bytesSent: 0,
        },
        drain: { bytesLeft: i === 0 ? 0 : 1, busyMs: now, bytesPerSecond: 1 },
      });
    }
  };
  return { adaptive, adaptation, lines, suffer };
}

Deno.test("AdaptiveEncoder encodes all of a cloud where nothing says otherwise", () => {
  const encoder = cloudini(0.002);
  const plain = new AdaptiveEncoder({ encoder, log: createLogger() });
  for (const adaptive of [plain, setUp(encoder).adaptive]) {
    assertEquals(adaptive.encode(CLOUD), {
      ...cloudini(0.002).encode(CLOUD),
      points: 1000,
      fields: CLOUD.fields,
    });
  }
});

Deno.test("AdaptiveEncoder encodes coarser, and fewer points", () => {
  const { adaptive, adaptation, lines, suffer } = setUp(cloudini(0.002));
  adaptive.encode(CLOUD);
  suffer();
  assertEquals(adaptation.level, {
    resolutionFactor: 8,
    pointShare: 1 / 64,
    resolution: 0.016,
  });
  assertEquals(adaptive.encode(CLOUD), {
    ...cloudini(0.016).encode(thin(CLOUD, 1 / 64)),
    points: 16,
    fields: CLOUD.fields,
  });
  assertEquals(lines.length, 1);
  assert(lines[0].includes(" resolution=0.016"), lines[0]);
});

Deno.test("AdaptiveEncoder sends fewer points of what can't be rounded", () => {
  const fields = ["x", "y", "z", "intensity", "ring"];
  const cloud = wander(1000, fields);
  const { adaptive, adaptation, suffer } = setUp(cloudini(0.002));
  assertEquals(adaptive.encode(cloud).codec, "f32");
  suffer();
  assertEquals(adaptation.level, { resolutionFactor: 1, pointShare: 1 / 64 });
  const { codec, points, bytes } = adaptive.encode(cloud);
  assertEquals([codec, points], ["f32", 16]);
  assertEquals(bytes, encodeF32(thin(cloud, 1 / 64).values));
});

Deno.test("AdaptiveEncoder sends fewer points as the original does", () => {
  const { adaptive, suffer } = setUp(cloudini(0.002));
  assertEquals(adaptive.encodeOriginal(CLOUD).bytes.length, 12 * 1000);
  suffer();
  const { points, fields, bytes } = adaptive.encodeOriginal(CLOUD);
  assertEquals([points, fields], [16, ["x", "y", "z"]]);
  const due = selectFields(thin(CLOUD, 1 / 64), fields);
  assertEquals(bytes, encodeF32(due.values));
});

Deno.test("AdaptiveEncoder measures anew on another channel", () => {
  const { adaptive, adaptation, suffer } = setUp(cloudini(0.002));
  adaptive.encode(CLOUD);
  suffer();
  const { level, changes } = adaptation;
  adaptive.restart();
  // No frame was begun on it.
  suffer();
  assertEquals(adaptation.level, level);
  assertEquals(adaptation.changes, changes);
});

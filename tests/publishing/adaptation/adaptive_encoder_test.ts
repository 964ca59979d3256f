import { assert, assertEquals } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import {
  CloudiniDecoder,
  CloudiniEncoder,
} from "../../../lib/points/cloudini/mod.ts";
import { namesOf, selectFields } from "../../../lib/points/cloud.ts";
import type { CloudEncoder } from "../../../lib/points/codec.ts";
import { thin } from "../../../lib/points/thin.ts";
import { UndecodedCloud } from "../../../lib/points/undecoded_cloud.ts";
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
        isStarting: false,
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
      cloud: CLOUD,
    });
  }
});

Deno.test("AdaptiveEncoder encodes coarser, and fewer points", () => {
  const { adaptive, adaptation, lines, suffer } = setUp(cloudini(0.002));
  adaptive.encode(CLOUD);
  suffer();
  assertEquals(adaptation.level, {
    resolutionFactor: 8,
    pointShare: 1 / 256,
    resolution: 0.016,
  });
  assertEquals(adaptive.encode(CLOUD), {
    ...cloudini(0.016).encode(thin(CLOUD, 1 / 256)),
    cloud: thin(CLOUD, 1 / 256),
  });
  assertEquals(lines.length, 1);
  assert(lines[0].includes(" resolution=0.016"), lines[0]);
});

Deno.test("AdaptiveEncoder sends fewer points of what can't be rounded", () => {
  // A name that Cloudini's header can't hold.
  const cloud = wander(1000, ["x", "y", "z", "a b"]);
  const { adaptive, adaptation, suffer } = setUp(cloudini(0.002));
  assertEquals(adaptive.encode(cloud).codec, "raw");
  suffer();
  assertEquals(adaptation.level, { resolutionFactor: 1, pointShare: 1 / 256 });
  const { codec, shape, bytes } = adaptive.encode(cloud);
  assertEquals([codec, shape.points], ["raw", 4]);
  assertEquals(bytes, thin(cloud, 1 / 256).data);
});

Deno.test("AdaptiveEncoder sends fewer points as the original does", () => {
  const { adaptive, suffer } = setUp(cloudini(0.002));
  assertEquals(adaptive.encodeOriginal(CLOUD).bytes.length, 12 * 1000);
  suffer();
  const { shape, bytes } = adaptive.encodeOriginal(CLOUD);
  const names = namesOf(shape.fields);
  assertEquals([shape.points, names], [4, ["x", "y", "z"]]);
  assertEquals(bytes, selectFields(thin(CLOUD, 1 / 256), names).data);
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

Deno.test("AdaptiveEncoder hands on what came encoded, and decodes it where less is sent", () => {
  const bytes = cloudini(0.001).encode(CLOUD).bytes.slice();
  const decoder = new CloudiniDecoder();
  let decoded = 0;
  const cloud = new UndecodedCloud({
    ...{ codec: "cloudini", bytes, shape: decoder.inspect(bytes) },
    decode: () => {
      decoded++;
      return decoder.decode(bytes);
    },
  });
  const log = createLogger({ level: "error" });
  const encoder = cloudini(0.01);
  const handing = new AdaptiveEncoder({ encoder, handsOn: true, log });
  assert(handing.encode(cloud).bytes === bytes);
  assertEquals(decoded, 0);
  const other = new AdaptiveEncoder({ encoder, log });
  assertEquals(other.encode(cloud).bytes, cloudini(0.01).encode(cloud).bytes);
  assertEquals(decoded, 1);
});

import { testWith } from "../../support.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  column,
  pack,
  type PointCloud,
  pointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { readCloudiniHeader } from "../../../lib/points/cloudini/header.ts";
import { CloudiniEncoder } from "../../../lib/points/cloudini/mod.ts";
import { zstdDecompress } from "../../../lib/points/zstd/zstd.ts";
import { encodeNaively, VECTORS } from "./naive.ts";
import { decoder, encoder, plainEncoder, wander } from "./support.ts";

const DATA = new URL("../../data/cloudini/", import.meta.url);

for (const [name, cloud] of Object.entries(VECTORS)) {
  testWith([], `CloudiniEncoder writes the vector ${name}`, async () => {
    const input = await Deno.readFile(new URL(`${name}.f32`, DATA));
    const due = await Deno.readFile(new URL(`${name}.cloudini`, DATA));
    const resolutions = Object.fromEntries(
      cloud.names.map((field, i) => [field, Number(cloud.resolutions[i])]),
    );
    const vector = pointCloud(new Float32Array(input.buffer), cloud.names);
    const { codec, bytes } = new CloudiniEncoder({
      resolutions,
      compression: "none",
    }).encode(vector);
    assertEquals(codec, "cloudini");
    assertEquals(bytes, due);
    assertEquals(encodeNaively(cloud), due);
  });
}

Deno.test("CloudiniEncoder writes the header that the reference writes", () => {
  const cloud = wander(2, ["x", "y", "z", "intensity"]);
  const resolutions = { x: 0.01, y: 1e-5, intensity: 1 };
  const { bytes } = new CloudiniEncoder({ resolutions, compression: "none" })
    .encode(cloud);
  assertEquals(
    new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0) + 1)),
    `CLOUDINI_V05
version: 5
width: 2
height: 1
point_step: 16
encoding_opt: LOSSY
compression_opt: NONE
fields:
  - name: x
    offset: 0
    type: FLOAT32
    resolution: 0.01
  - name: y
    offset: 4
    type: FLOAT32
    resolution: 1e-05
  - name: z
    offset: 8
    type: FLOAT32
    resolution: 0.001
  - name: intensity
    offset: 12
    type: FLOAT32
    resolution: 1
\0`,
  );
});

Deno.test("CloudiniEncoder writes resolutions as C does, reading back the same", () => {
  const texts: Record<string, number> = {
    "0.33333334": 1 / 3,
    "0.0001": 0.0001,
    "1.5e-05": 0.000015,
    "123456": 123456,
    "1e+06": 1_000_000,
    "1234567": 1234567,
    "16777216": 16777216,
    "0.5": 0.5,
    "100": 100,
    "1.1754944e-38": 2 ** -126,
  };
  for (const [text, resolution] of Object.entries(texts)) {
    const { bytes } = plainEncoder(resolution).encode(
      pointCloud(new Float32Array(3)),
    );
    const header = new TextDecoder().decode(bytes);
    assertEquals(/resolution: (.*)/.exec(header)![1], text);
  }
});

Deno.test("CloudiniEncoder starts again from zero in every chunk", () => {
  const points = 2 * 32_768 + 7;
  const values = new Float32Array(points * 3).fill(1);
  const { bytes } = plainEncoder(1).encode(pointCloud(values));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = bytes.indexOf(0) + 1;
  for (const chunkPoints of [32_768, 32_768, 7]) {
    assertEquals(view.getUint32(at, true), chunkPoints * 3);
    assertEquals([...bytes.subarray(at + 4, at + 10)], [3, 3, 3, 1, 1, 1]);
    at += 4 + chunkPoints * 3;
  }
  assertEquals(at, bytes.length);
});

Deno.test("CloudiniEncoder compresses each chunk to one frame", () => {
  const cloud = wander(40_000);
  const plain = plainEncoder().encode(cloud).bytes;
  const { bytes } = encoder().encode(cloud);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stages: number[] = [];
  let at = bytes.indexOf(0) + 1;
  while (at < bytes.length) {
    const length = view.getUint32(at, true);
    const stage = zstdDecompress(bytes.subarray(at + 4, at + 4 + length), 1e6);
    stages.push(...new Uint8Array(Uint32Array.of(stage.length).buffer));
    for (const byte of stage) stages.push(byte);
    at += 4 + length;
  }
  const header = plain.indexOf(0) + 1;
  assertEquals(Uint8Array.from(stages), plain.subarray(header));
});

Deno.test("CloudiniEncoder encodes a cloud of no points", () => {
  for (const { bytes } of [encoder().encode(wander(0))]) {
    assertEquals(bytes.indexOf(0), bytes.length - 1);
    assertEquals(decoder().decode(bytes).points, 0);
  }
});

Deno.test("CloudiniEncoder's bytes are of this call alone", () => {
  const reused = encoder();
  const sizes = [100, 70_000, 5, 0, 33_000, 100];
  for (const points of sizes) {
    const cloud = wander(points);
    assertEquals(reused.encode(cloud).bytes, encoder().encode(cloud).bytes);
  }
  const fields = [["x", "y", "z"], ["x", "y", "z", "w"], ["x", "y", "z", "v"]];
  for (const names of [...fields, ...fields]) {
    const cloud = wander(10, names);
    assertEquals(reused.encode(cloud).bytes, encoder().encode(cloud).bytes);
  }
});

Deno.test("CloudiniEncoder writes a field that its steps can't hold as it is", () => {
  const told: string[] = [];
  const encoder = new CloudiniEncoder({
    resolution: 1,
    compression: "none",
    onFallback: (why) => told.push(why),
  });
  const largest = 2 ** 31 - 128;
  const edge = [0, 0, 0, largest, 0, -(2 ** 31), -(2 ** 31), NaN, largest];
  const kept = pointCloud(Float32Array.from(edge));
  assertEquals(encoder.encode(kept).steps, { x: 1, y: 1, z: 1 });
  for (const value of [Infinity, -Infinity, 2 ** 31, -(2 ** 31) - 256, 3e38]) {
    for (let i = 0; i < 9; i++) {
      const values = Float32Array.from(edge);
      values[i] = value;
      const { codec, bytes, steps } = encoder.encode(pointCloud(values));
      assertEquals(codec, "cloudini");
      const field = "xyz"[i % 3];
      // Where it is alone, its neighbours are not in int32 either.
      assert(!(field in steps), `${field} of ${Object.keys(steps)}`);
      assertEquals(toFloat32(decoder().decode(bytes)), values);
    }
  }
  assertEquals(told, []);
  assertEquals(encoder.encode(kept).steps, { x: 1, y: 1, z: 1 });
});

Deno.test("CloudiniEncoder writes differences of every length in any field", () => {
  const lengths = [0, 6, 13, 20, 27, 30];
  const steps = lengths.flatMap((bits) => [-1, 0, 1].map((d) => 2 ** bits + d))
    .filter((value) => value === Math.fround(value));
  for (const names of [["x", "y", "z"], ["x", "y", "z", "intensity"]]) {
    for (const step of steps.flatMap((step) => [step, -step])) {
      for (let field = 0; field < names.length; field++) {
        const values = new Float32Array(names.length * 30);
        // Once after a burst, and once from within the fast loop.
        for (const point of [0, 1, 28]) {
          values[point * names.length + field] = step;
        }
        const resolutions = names.map(() => "1");
        const encoder = new CloudiniEncoder({
          resolution: 1,
          resolutions: { intensity: 1 },
          compression: "none",
        });
        assertEquals(
          encoder.encode(pointCloud(values, names)).bytes,
          encodeNaively({ names, resolutions, values: [...values] }),
        );
      }
    }
  }
});

Deno.test("CloudiniEncoder keeps values that creep up to int32's end", () => {
  const end = 2 ** 31;
  for (const sign of [1, -1]) {
    const values = new Float32Array(3 * 40_000);
    for (let i = 0; i < values.length; i += 3) {
      values.fill(sign * Math.min(end - 128, end - 2 ** 27 + i * 2000), i);
    }
    const cloud = pointCloud(values);
    const { codec, bytes } = plainEncoder(1).encode(cloud);
    assertEquals(codec, "cloudini");
    assertEquals(toFloat32(decoder().decode(bytes)), values);
    // As small a step further, it is beyond.
    for (const beyond of [end, end + 256, end + 4096]) {
      values.fill(sign * (beyond + (sign < 0 ? 256 : 0)), 3 * 39_999);
      const { bytes, steps } = plainEncoder(1).encode(cloud);
      // The other two are in int64 then, where they fit.
      assertEquals(steps, { y: 1, z: 1 });
      assertEquals(toFloat32(decoder().decode(bytes)), values);
    }
  }
});

Deno.test("CloudiniEncoder sends names that YAML wouldn't hold as raw, and says so once", () => {
  const told: string[] = [];
  const encoder = new CloudiniEncoder({
    compression: "none",
    onFallback: (why) => told.push(why),
  });
  for (
    const name of ["a b", "a: b", "a\n", "#", "ä", "a\0", "", "a".repeat(256)]
  ) {
    const cloud = wander(3, ["x", "y", "z", name]);
    const { codec, bytes, shape } = encoder.encode(cloud);
    assertEquals(codec, "raw");
    assertEquals(bytes, pack(cloud).data);
    assertEquals(shape.fields, cloud.fields);
  }
  assertEquals(told, ['field name "a b"']);
});

/** The step that a field was given, as the header says. */
function stepOf(cloud: PointCloud, name: string): number | undefined {
  const { bytes, steps } = plainEncoder().encode(cloud);
  assertEquals(steps[name], undefined);
  const before = new Uint8Array(column(cloud, name).buffer);
  const after = new Uint8Array(column(decoder().decode(bytes), name).buffer);
  assertEquals(after, before);
  const { header } = readCloudiniHeader(bytes);
  return header.fields.find((field) => field.name === name)?.resolution;
}

Deno.test("CloudiniEncoder writes in steps what is exact in steps", () => {
  const withValues = (values: number[]) => {
    const cloud = wander(values.length, ["x", "y", "z", "i"]);
    const all = toFloat32(cloud);
    values.forEach((value, i) => all[4 * i + 3] = value);
    return cloud;
  };
  const whole = Array.from({ length: 300 }, (_, i) => i * 37 % 256);
  assertEquals(stepOf(withValues(whole), "i"), 1);
  assertEquals(stepOf(withValues([...whole, NaN, 1e5]), "i"), 1);
  assertEquals(stepOf(withValues(whole.map((k) => k / 4)), "i"), 0.25);
  for (const parts of [10, 100, 127, 255]) {
    const step = stepOf(withValues(whole.map((k) => k % parts / parts)), "i");
    assert(step !== undefined && step < 1 / parts, `${step} of 1/${parts}`);
  }
  // What isn't, is written as it is: a sign, a NaN of its own, one odd value.
  assertEquals(stepOf(withValues([...whole, -0]), "i"), undefined);
  assertEquals(stepOf(withValues([...whole, Math.PI]), "i"), undefined);
  assertEquals(stepOf(withValues([...whole, Infinity]), "i"), undefined);
  const marked = withValues([...whole, 5]);
  new Uint32Array(marked.data.buffer)[4 * 300 + 3] = 0x7fc00001;
  assertEquals(stepOf(marked, "i"), undefined);
});

Deno.test("CloudiniEncoder's field in steps is checked in every cloud", () => {
  const reused = plainEncoder();
  for (const value of [3, 0.3, 4, 0.25, 3]) {
    const cloud = wander(50, ["x", "y", "z", "i"]);
    const all = toFloat32(cloud);
    for (let i = 3; i < all.length; i += 4) all[i] = value * (i % 5);
    const bytes = reused.encode(cloud).bytes.slice();
    assertEquals(bytes, plainEncoder().encode(cloud).bytes);
    const decoded = decoder().decode(bytes);
    assertEquals(column(decoded, "i"), column(cloud, "i"));
  }
});

Deno.test("CloudiniEncoder refuses resolutions that can't work", () => {
  const resolutions = [0, -1, NaN, Infinity, 1e-46, 1e-39, 1e39];
  for (const resolution of resolutions) {
    assertThrows(() => plainEncoder(resolution), RangeError, "resolution");
    assertThrows(
      () => new CloudiniEncoder({ resolutions: { z: resolution } }),
      Error,
    );
  }
  assertThrows(() => new CloudiniEncoder(), TypeError, "zstd");
});

Deno.test("coarser() makes an encoder with larger steps", () => {
  const cloud = wander(1000, ["x", "y", "z", "intensity"]);
  const one = plainEncoder(0.002);
  assertEquals(one.resolution, 0.002);
  assertEquals(one.coarser(4).resolution, 0.008);
  assertEquals(
    one.coarser(4).encode(cloud).bytes,
    plainEncoder(0.008).encode(cloud).bytes,
  );
  assertEquals(
    one.coarser(2).coarser(2).encode(cloud).bytes,
    plainEncoder(0.008).encode(cloud).bytes,
  );
});

Deno.test("coarser() multiplies each field's own step, and the default", () => {
  const cloud = wander(1000, ["x", "y", "z", "intensity"]);
  const compression = "none";
  const resolutions = { x: 0.01, intensity: 0.5 };
  const encoder = new CloudiniEncoder({ resolutions, compression });
  assertEquals(encoder.resolution, 0.001);
  const due = { x: 0.02, y: 0.002, z: 0.002, intensity: 1 };
  assertEquals(
    encoder.coarser(2).encode(cloud).bytes,
    new CloudiniEncoder({ resolutions: due, compression }).encode(cloud).bytes,
  );
  assertEquals(encoder.coarser(2).encode(cloud).steps, due);
});

Deno.test("coarser() encoders tell of a fallback once among them", () => {
  const told: string[] = [];
  const encoder = new CloudiniEncoder({
    compression: "none",
    onFallback: (why) => told.push(why),
  });
  const unnamed = wander(3, ["x", "y", "z", "a b"]);
  for (const one of [encoder.coarser(2), encoder, encoder.coarser(4)]) {
    assertEquals(one.encode(unnamed).codec, "raw");
  }
  assertEquals(told.length, 1);
});
